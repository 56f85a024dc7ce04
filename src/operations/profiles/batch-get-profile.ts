import { operation } from '../../model/operation.ts';
import { label, list, optional, string, structure } from '../../model/shapes.ts';
import { findProfiles } from '../../repository/profiles.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, string1To255, uuid } from '../shapes.ts';
import { describeProfile } from './document.ts';
import { Profile } from './shapes.ts';

const BatchGetProfileError = structure({
  Code: string1To255,
  Message: string({ min: 1, max: 1000 }),
  ProfileId: uuid,
});

/**
 * Reads up to 20 profiles by id, in the order of the request, each once. What isn't there is listed
 * in `Errors`; the call itself succeeds even then.
 */
export const batchGetProfile = operation({
  name: 'BatchGetProfile',
  method: 'POST',
  path: '/domains/{DomainName}/batch-get-profiles',
  input: structure({
    DomainName: label(name),
    ProfileIds: list(uuid, { min: 1, max: 20 }),
  }),
  output: structure({
    Errors: optional(list(BatchGetProfileError)),
    Profiles: optional(list(Profile)),
  }),
  async handler({ repository, caller, now }, { DomainName: domainName, ProfileIds }) {
    const domain = { accountId: caller.accountId, domainName };
    const profileIds = [...new Set(ProfileIds)];
    const found = await findProfiles(repository.autocommit, domain, profileIds, now);
    if (found.length === 0) await requireDomain(repository, domain);
    const rows = new Map(found.map((row) => [row.profileId, row]));
    const missing = profileIds.filter((profileId) => !rows.has(profileId));
    return {
      Profiles: profileIds.flatMap((profileId) => {
        const row = rows.get(profileId);
        return row === undefined ? [] : [describeProfile(row)];
      }),
      Errors: missing.map((profileId) => ({
        // The sibling operations report an item's failure by its HTTP status.
        Code: '404',
        Message: 'Profile not found',
        ProfileId: profileId,
      })),
    };
  },
});
