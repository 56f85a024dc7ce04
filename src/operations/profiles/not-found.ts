import { domainNotFound, profileNotFound, type ServiceError } from '../../model/errors.ts';
import type { DomainName } from '../../repository/domains.ts';
import { findDomain } from '../../repository/domains.ts';
import type { Session } from '../../repository/session.ts';

/**
 * Which of the two isn't there, after a statement that looked for a profile in a domain found
 * nothing. Asking only then keeps the usual way short.
 */
export async function whyNotFound(session: Session, domain: DomainName): Promise<ServiceError> {
  const found = await findDomain(session, domain);
  return found === undefined ? domainNotFound(domain.domainName) : profileNotFound();
}
