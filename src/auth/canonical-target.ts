/** The bytes that stand for themselves in a canonical URI (RFC 3986, unreserved). */
const unreserved = /[^A-Za-z0-9_.~-]/g;

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Percent-encodes text that has one character for each byte. */
function encodeBytes(bytes: string): string {
  return bytes.replace(unreserved, encodeByte);
}

/**
 * The path of a canonical request: segments that are empty, `.` or `..` are resolved, and what came
 * percent-encoded is encoded once more, as for every service but S3.
 *
 * @param path as in the request line, one character for each byte.
 */
export function canonicalUri(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encodeBytes(segment));
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${end}`;
}

/** A query parameter in canonical encoding. */
export interface CanonicalParameter {
  readonly name: string;
  readonly value: string;
}

/** `+` is a space, and a percent sign that begins no encoded byte stands for itself: as in forms. */
function canonicalPart(text: string): string {
  if (/^[A-Za-z0-9_.~-]*$/.test(text)) return text;
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return encodeBytes(bytes);
}

/** @param query as in the request line, without the question mark. */
export function canonicalParameters(query: string): CanonicalParameter[] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const end = parameter.indexOf('=');
      return end === -1
        ? { name: canonicalPart(parameter), value: '' }
        : {
            name: canonicalPart(parameter.slice(0, end)),
            value: canonicalPart(parameter.slice(end + 1)),
          };
    });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The query of a canonical request: by name, then by value; a repeated name stays repeated. */
export function canonicalQuery(parameters: readonly CanonicalParameter[]): string {
  return parameters
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}
