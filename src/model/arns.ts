/** What an ARN of this service names: a domain, or something in one. */
export interface ResourceName {
  readonly accountId: string;
  readonly region: string;
  readonly domainName: string;
  /** `integrations/<Uri>`: the kind of what is in the domain, and its name. */
  readonly inDomain?: { readonly kind: string; readonly name: string } | undefined;
}

/** Names may have colons and slashes of their own. */
const resourceArn =
  /^arn:[a-z0-9-]+:profile:([a-z0-9-]+):([0-9]{12}):domains\/([^/]+)(?:\/([^/]+)\/(.+))?$/s;

/**
 * Reads an ARN such as `arn:aws:profile:us-east-1:000000000000:domains/D/integrations/U`; undefined
 * when it isn't one of this service's. Any partition will do: Keyfold has none.
 */
export function parseArn(arn: string): ResourceName | undefined {
  const [, region, accountId, domainName, kind, name] = resourceArn.exec(arn) ?? [];
  if (region === undefined || accountId === undefined || domainName === undefined) return undefined;
  const inDomain = kind === undefined || name === undefined ? undefined : { kind, name };
  return { accountId, region, domainName, inDomain };
}

/** The ARN of a resource, in the one form that policies are compared with. */
export function formatArn({ accountId, region, domainName, inDomain }: ResourceName): string {
  const path = inDomain === undefined ? '' : `/${inDomain.kind}/${inDomain.name}`;
  return `arn:aws:profile:${region}:${accountId}:domains/${domainName}${path}`;
}
