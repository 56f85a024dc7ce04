import { domainNotFound, objectTypeNotFound } from '../../model/errors.ts';
import { type DomainName, findDomain } from '../../repository/domains.ts';
import type { Session } from '../../repository/session.ts';
import { type EffectiveObjectType, findEffectiveObjectType } from './resolve.ts';

/**
 * The object type that applies under a name.
 *
 * @throws ServiceError ResourceNotFoundException when it or the domain isn't there.
 */
export async function requireObjectType(
  session: Session,
  domain: DomainName,
  objectTypeName: string,
): Promise<EffectiveObjectType> {
  const type = await findEffectiveObjectType(session, domain, objectTypeName);
  if (type !== undefined) return type;
  const isDomain = (await findDomain(session, domain)) !== undefined;
  throw isDomain ? objectTypeNotFound(objectTypeName) : domainNotFound(domain.domainName);
}
