import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { optional, structure } from '../../model/shapes.ts';
import { MissingParentError } from '../../repository/errors.ts';
import { addProfileKeys, nameOtherProfiles } from '../../repository/profile-keys.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import { name, requestValueList } from '../shapes.ts';
import { normalFormOf } from './compare.ts';
import { ProfileKeyRequest } from './shapes.ts';

/**
 * Adds values of a key to a profile: SearchProfiles then finds it by any of them. A value that the
 * profile has already stays one; a value may find several profiles (Amazon's guide: it is then
 * ambiguous, and search returns all of them). Any key name will do, defined or not.
 *
 * The values are stored all or none. Whether the domain and the profile exist is decided by the same
 * statement that adds the rows and by their foreign key, so a profile that is being deleted never
 * keeps a key.
 */
export const addProfileKey = operation({
  name: 'AddProfileKey',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/keys',
  input: ProfileKeyRequest,
  output: structure({ KeyName: optional(name), Values: optional(requestValueList) }),
  async handler(context, input) {
    const { repository, caller, now } = context;
    const { DomainName: domainName, ProfileId: profileId, KeyName, Values } = input;
    const domain = { accountId: caller.accountId, domainName };
    const profile = { ...domain, profileId, now };
    const add = async (session: WriteSession) => {
      const normalForm = await normalFormOf(session, domain, [KeyName]);
      const values = Values.map((given) => ({ given, normal: normalForm(KeyName, given) }));
      const added = await addProfileKeys(session, profile, KeyName, values);
      if (added === undefined) throw await whyNotFound(session, domain);
      // The id of another profile must go on finding that profile alone.
      if (KeyName === '_profileId' && (await nameOtherProfiles(session, profile, Values)))
        throw badRequest('A value of _profileId is the id of another profile');
      if (!added.isChanged) return;
      const { domainId } = added;
      const content = { KeyName, Values };
      recordAction(session, context, { domainId, profileId }, 'ADDED_PROFILE_KEY', content);
    };
    await repository.write(add).catch(async (error) => {
      if (error instanceof MissingParentError)
        throw await whyNotFound(repository.autocommit, domain);
      throw error;
    });
    return { KeyName, Values };
  },
});
