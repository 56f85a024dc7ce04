import { type DomainName, findDomain } from '../repository/domains.ts';
import type { Repository } from '../repository/repository.ts';
import type { DomainSettings } from './domains/settings.ts';
import { name } from './shapes.ts';

/**
 * The tags of a domain; none when it isn't there. The name is not validated yet: one that no domain
 * can have isn't looked for, since a database may refuse its characters.
 */
export async function domainTags(
  repository: Repository,
  domain: DomainName,
): Promise<Readonly<Record<string, string>>> {
  if (!name.safeParse(domain.domainName).success) return {};
  const row = await findDomain(repository.autocommit, domain);
  const settings = row && (JSON.parse(row.settings) as DomainSettings);
  return settings?.Tags ?? {};
}
