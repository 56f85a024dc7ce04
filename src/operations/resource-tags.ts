import { type DomainName, findDomain } from '../repository/domains.ts';
import type { Repository } from '../repository/repository.ts';
import type { DomainSettings } from './domains/settings.ts';

/** The tags of a domain; none when it isn't there. */
export async function domainTags(
  repository: Repository,
  domain: DomainName,
): Promise<Readonly<Record<string, string>>> {
  const row = await findDomain(repository.autocommit, domain);
  const settings = row && (JSON.parse(row.settings) as DomainSettings);
  return settings?.Tags ?? {};
}
