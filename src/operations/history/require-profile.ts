import { profileNotFound } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import type { DomainName } from '../../repository/domains.ts';
import { hasHistory } from '../../repository/history.ts';
import { findProfile } from '../../repository/profiles.ts';
import { requireDomain } from '../domains/require-domain.ts';

/**
 * Asks whether a profile is there, or was: after a look for records of it that found none.
 *
 * @throws ServiceError ResourceNotFoundException when its domain isn't, or it never was.
 */
export async function requireProfile(
  { repository, now }: Pick<Context, 'repository' | 'now'>,
  profile: DomainName & { readonly profileId: string },
): Promise<void> {
  const session = repository.autocommit;
  if ((await findProfile(session, { ...profile, now })) !== undefined) return;
  if (await hasHistory(session, profile)) return;
  await requireDomain(repository, profile);
  throw profileNotFound();
}
