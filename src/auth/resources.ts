/**
 * The kinds of resources in a domain that have an ARN of their own (Amazon's service authorization
 * reference). Everything else in a domain, profiles above all, is authorized as the domain.
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

/**
 * The resource that an operation is authorized on, from its path: an ARN, or `*` for an operation
 * that is about no single one.
 *
 * @param path as in the model, with labels.
 * @param labels their values.
 */
export function resourceOf(
  path: string,
  labels: Readonly<Record<string, string>>,
  account: { readonly accountId: string; readonly region: string },
): string {
  const [, root, domain, kind = '', name] = path.split('/');
  const value = (segment: string | undefined) => labels[segment?.slice(1, -1) ?? ''] ?? '';
  if (root === 'tags') return value(domain);
  if (root !== 'domains' || domain === undefined) return '*';
  const isOwnResource = kindsInDomain.has(kind) && name?.startsWith('{');
  const inDomain = isOwnResource ? `/${kind}/${value(name)}` : '';
  const { accountId, region } = account;
  return `arn:aws:profile:${region}:${accountId}:domains/${value(domain)}${inDomain}`;
}
