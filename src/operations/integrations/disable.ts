import type { DomainName } from '../../repository/domains.ts';
import {
  listIntegrations,
  removeIntegration,
  updateIntegration,
} from '../../repository/integrations.ts';
import type { WriteSession } from '../../repository/session.ts';
import type { IntegrationDocument } from './integration.ts';

/** How many integrations one statement reads: a domain has fifty, unless the quota was lifted. */
const PAGE_SIZE = 100;

/** What is left of an integration without an object type; undefined when it has no other. */
function withoutType(
  document: IntegrationDocument,
  objectTypeName: string,
): IntegrationDocument | undefined {
  const types = Object.entries(document.ObjectTypeNames ?? {});
  const others = types.filter(([, name]) => name !== objectTypeName);
  const single = document.ObjectTypeName === objectTypeName ? undefined : document.ObjectTypeName;
  if (single === undefined && others.length === 0) return undefined;
  return {
    ...document,
    ObjectTypeName: single,
    ObjectTypeNames: others.length === 0 ? undefined : Object.fromEntries(others),
  };
}

/**
 * Disables the integrations of an object type that is deleted. The API shows nowhere that an integration
 * is disabled, nor can it be enabled again but by PutIntegration; and an integration without an object
 * type can't be put. So one that has no other type goes, and one for several types of events loses those
 * of this type. Were they kept, they would work again for whatever is defined under the name next.
 *
 * The unit holds the domain, so that nobody puts another meanwhile.
 *
 * @throws ConflictError when somebody has tagged or deleted one of them at this moment.
 */
export async function disableIntegrations(
  session: WriteSession,
  domain: DomainName & { readonly domainId: string },
  objectTypeName: string,
  now: number,
): Promise<void> {
  const { accountId, domainName, domainId } = domain;
  let after: string | undefined = '';
  while (after !== undefined) {
    const page = await listIntegrations(session, { accountId, domainName }, after, PAGE_SIZE);
    for (const { domainName: _, ...integration } of page) {
      // What was stored went through the shapes of PutIntegration.
      const before = JSON.parse(integration.document) as IntegrationDocument;
      const names = [before.ObjectTypeName, ...Object.values(before.ObjectTypeNames ?? {})];
      if (!names.includes(objectTypeName)) continue;
      const left = withoutType(before, objectTypeName);
      const row = { ...integration, domainId, accountId };
      const document = JSON.stringify(left);
      if (left === undefined)
        await removeIntegration(session, { accountId, domainName, uri: row.uri });
      else await updateIntegration(session, row, { document, updatedAt: now });
    }
    after = page.length < PAGE_SIZE ? undefined : page.at(-1)?.uri;
  }
}
