/** The API reference's samples use this prefix; the SDKs don't. */
const VERSION_PREFIX = '/v1/';

/** The path of a request target as it stands on the wire, without the query. */
export function rawPath(target: string): string {
  const end = target.search(/[?#]/);
  const path = end === -1 ? target : target.slice(0, end);
  if (path.startsWith('/')) return path;
  // The absolute form of a request target (RFC 9112, 3.2.2).
  const start = path.indexOf('/', path.indexOf('://') + 3);
  return start === -1 ? '/' : path.slice(start);
}

/**
 * The decoded segments of a path. What follows `/tags/` is one: the SDKs write an ARN as one segment,
 * clients written by hand leave its slashes as they are.
 */
function segmentsOf(path: string): string[] {
  const segments = path.split('/').map((segment) => decodeURIComponent(segment));
  const [root = '', first = '', ...rest] = segments;
  return first === 'tags' && rest.length > 1 ? [root, first, rest.join('/')] : segments;
}

/**
 * The path by which routes are matched: split on literal slashes, each segment decoded once and
 * written again in one canonical way. `%2F` stays inside its segment, `%6beys` is `keys`, and `..`
 * is a name like any other. The optional `/v1` is taken off.
 *
 * @returns undefined when a segment isn't valid percent-encoded UTF-8.
 */
export function canonicalPath(target: string): string | undefined {
  const path = rawPath(target);
  const unversioned = path.startsWith(VERSION_PREFIX)
    ? path.slice(VERSION_PREFIX.length - 1)
    : path;
  // Nearly every path is canonical as it is.
  if (/^(?!\/tags\/)[A-Za-z0-9/_.~-]*$/.test(unversioned)) return unversioned;
  try {
    return segmentsOf(unversioned).map(encodeURIComponent).join('/');
  } catch {
    return undefined;
  }
}

/**
 * Whether a path is what a signature says it is: signatures see paths without empty segments, `.` and
 * `..`, whereas routes take each of those for a name.
 */
export function isResolvedPath(target: string): boolean {
  return !/\/(\/|\.\.?(\/|$))/.test(rawPath(target));
}

/** The query of a request target as it stands on the wire, without the question mark. */
export function rawQuery(target: string): string {
  const start = target.indexOf('?');
  return start === -1 ? '' : target.slice(start + 1);
}

/** The query of a request target. */
export function queryOf(target: string): URLSearchParams {
  return new URLSearchParams(rawQuery(target));
}

const label = /\{(\w{1,64})\}/g;

/** The names of the labels in a path of the model. */
export function labelsOf(path: string): string[] {
  return [...path.matchAll(label)].map(([, name]) => name ?? '');
}

/** A path of the model as Hono writes it. */
export function routePath(path: string): string {
  return path.replace(label, ':$1');
}

/**
 * Orders the model's paths so that, segment by segment, a literal comes before a label: Hono takes
 * the first route that matches.
 */
export function byLiteralFirst(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (const [index, segment] of left.entries()) {
    const isLabel = segment.startsWith('{');
    const isOtherLabel = right[index]?.startsWith('{') ?? false;
    if (isLabel !== isOtherLabel) return isLabel ? 1 : -1;
    const other = right[index] ?? '';
    if (segment !== other) return segment < other ? -1 : 1;
  }
  return left.length - right.length;
}
