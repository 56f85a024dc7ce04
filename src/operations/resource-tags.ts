import { parseArn, type ResourceName } from '../model/arns.ts';
import type { Caller } from '../model/operation.ts';
import { type DomainName, findDomain, updateDomain } from '../repository/domains.ts';
import { findIntegration, updateIntegration } from '../repository/integrations.ts';
import { findObjectType, updateObjectTypeDefinition } from '../repository/object-types.ts';
import type { Session, WriteSession } from '../repository/session.ts';

export type Tags = Readonly<Record<string, string>>;

/** A resource that can have tags, as a unit of work has read it. */
export interface TaggedResource {
  /** JSON text of a structure; its tags are the member `Tags`, absent when there are none. */
  readonly document: string;
  /**
   * Stores another document in the same unit of work, and nothing else: `LastUpdatedAt` tells of a
   * resource's configuration, and tags are beside it.
   *
   * @throws ConflictError when another unit has changed or deleted the resource since.
   */
  replace(session: WriteSession, document: string): Promise<void>;
}

type Find<N> = (session: Session, name: N) => Promise<TaggedResource | undefined>;

const domain: Find<DomainName> = async (session, name) => {
  const row = await findDomain(session, name);
  if (row === undefined) return undefined;
  const { settings: document, defaultExpirationDays, updatedAt } = row;
  return {
    document,
    replace: (unit, settings) =>
      updateDomain(unit, row, { settings, defaultExpirationDays, updatedAt }),
  };
};

const integration: Find<DomainName & { name: string }> = async (session, { name, ...domain }) => {
  const row = await findIntegration(session, { ...domain, uri: name });
  if (row === undefined) return undefined;
  const { document, updatedAt } = row;
  return {
    document,
    replace: (unit, document) => updateIntegration(unit, row, { document, updatedAt }),
  };
};

const objectType: Find<DomainName & { name: string }> = async (session, { name, ...domain }) => {
  const row = await findObjectType(session, domain, name);
  if (row === undefined) return undefined;
  const { domainId, definition: document } = row;
  return {
    document,
    replace: (unit, definition) =>
      updateObjectTypeDefinition(unit, domainId, name, document, definition),
  };
};

/** What can have tags besides domains, by its kind in ARNs. */
const kindsInDomain = new Map([
  ['integrations', integration],
  ['object-types', objectType],
]);

/** The resource of that name; undefined when there is none, or when its kind has no tags. */
export async function findTagged(
  session: Session,
  { accountId, domainName, inDomain }: ResourceName,
): Promise<TaggedResource | undefined> {
  const name = { accountId, domainName };
  if (inDomain === undefined) return domain(session, name);
  return kindsInDomain.get(inDomain.kind)?.(session, { ...name, name: inDomain.name });
}

/** The tags of a resource that was read. */
export function tagsIn({ document }: TaggedResource): Tags {
  return (JSON.parse(document) as { Tags?: Tags }).Tags ?? {};
}

/**
 * The tags of a resource, for policies that ask for them: none when it isn't there, isn't the
 * caller's or is `*`. It is not validated yet: text that a database may refuse names nothing.
 */
export async function resourceTags(session: Session, caller: Caller, arn: string): Promise<Tags> {
  const named = arn.includes('\0') || !arn.isWellFormed() ? undefined : parseArn(arn);
  if (named?.accountId !== caller.accountId || named.region !== caller.region) return {};
  const found = await findTagged(session, named);
  return found === undefined ? {} : tagsIn(found);
}
