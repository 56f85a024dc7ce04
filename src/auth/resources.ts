import { formatArn, parseArn } from '../model/arns.ts';
import type { Caller, Operation } from '../model/operation.ts';

/**
 * The kinds of resources in a domain that have an ARN of their own and are named by the path of their
 * operations (Amazon's service authorization reference). Everything else in a domain, profiles above
 * all, is authorized as the domain.
 */
const kindsInDomain = new Set([
  'calculated-attributes',
  'domain-object-types',
  'event-streams',
  'event-triggers',
  'layouts',
  'object-types',
  'recommender-filters',
  'recommender-schemas',
  'recommenders',
  'segment-definitions',
]);

/** What a request names, decoded but not checked. */
export interface Naming {
  /** The labels of the path. */
  readonly labels: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The resource that an operation is authorized on: an ARN, or `*` for an operation that is about no
 * single one. Of an ARN in the request the partition doesn't count, or a policy about
 * `arn:aws:profile:…` could be passed by writing another.
 */
export function resourceOf(
  { path, resourceInBody }: Pick<Operation, 'path' | 'resourceInBody'>,
  { labels, body }: Naming,
  caller: Caller,
): string {
  const [, root, domain, kind = '', name] = path.split('/');
  const value = (segment: string | undefined) => labels[segment?.slice(1, -1) ?? ''] ?? '';
  if (root === 'tags') {
    const arn = value(domain);
    const named = parseArn(arn);
    return named === undefined ? arn : formatArn(named);
  }
  if (root !== 'domains' || domain === undefined) return '*';
  const arn = formatArn({ ...caller, domainName: value(domain) });
  if (resourceInBody !== undefined) return `${arn}/${resourceInBody(body, caller)}`;
  return kindsInDomain.has(kind) && name?.startsWith('{') ? `${arn}/${kind}/${value(name)}` : arn;
}
