import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { optional, structure } from '../../model/shapes.ts';
import { removeProfileKeys } from '../../repository/profile-keys.ts';
import { findProfile, lockProfile } from '../../repository/profiles.ts';
import { recordAction } from '../history/record.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import { message } from '../shapes.ts';
import { normalFormOf } from './compare.ts';
import { ProfileKeyRequest } from './shapes.ts';

/**
 * Takes values of a key from a profile: SearchProfiles no longer finds it by them, even when a field
 * of the profile gave the key; writing that field gives it again. A value that the profile doesn't
 * have is no error. The profile's own id stays its key.
 */
export const deleteProfileKey = operation({
  name: 'DeleteProfileKey',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/keys/delete',
  input: ProfileKeyRequest,
  output: structure({ Message: optional(message) }),
  async handler(context, input) {
    const { repository, caller, now } = context;
    const { DomainName: domainName, ProfileId: profileId, KeyName, Values } = input;
    const domain = { accountId: caller.accountId, domainName };
    await repository.write(async (session) => {
      const profile = await findProfile(session, { ...domain, profileId, now });
      if (profile === undefined) throw await whyNotFound(session, domain);
      if (KeyName === '_profileId' && Values.includes(profileId))
        throw badRequest("A profile's own id can't be taken from its keys");
      await lockProfile(session, profile);
      const normalForm = await normalFormOf(session, domain, [KeyName]);
      const values = [...new Set(Values.map((value) => normalForm(KeyName, value)))];
      if (await removeProfileKeys(session, profile.domainId, profileId, KeyName, values))
        recordAction(session, context, profile, 'DELETED_PROFILE_KEY', { KeyName, Values });
    });
    return { Message: 'OK' };
  },
});
