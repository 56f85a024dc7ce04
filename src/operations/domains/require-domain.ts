import { domainNotFound } from '../../model/errors.ts';
import { type DomainName, findDomain } from '../../repository/domains.ts';
import type { Repository } from '../../repository/repository.ts';

/**
 * Asks whether the domain is there, after a statement that looked for something in it found nothing.
 * Asking only then keeps the usual way short.
 *
 * @throws ServiceError ResourceNotFoundException when it isn't.
 */
export async function requireDomain(repository: Repository, domain: DomainName): Promise<void> {
  if ((await findDomain(repository.autocommit, domain)) === undefined)
    throw domainNotFound(domain.domainName);
}
