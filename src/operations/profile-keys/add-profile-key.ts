import { normalKeyValue } from '../../identity/normal-forms.ts';
import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { optional, structure } from '../../model/shapes.ts';
import { MissingParentError } from '../../repository/errors.ts';
import { addProfileKeys, nameOtherProfiles } from '../../repository/profile-keys.ts';
import type { WriteSession } from '../../repository/session.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import { name, requestValueList } from '../shapes.ts';
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
  async handler({ repository, caller, now }, input) {
    const { DomainName: domainName, ProfileId: profileId, KeyName, Values } = input;
    const domain = { accountId: caller.accountId, domainName };
    const profile = { ...domain, profileId, now };
    const values = Values.map((given) => ({ given, normal: normalKeyValue(KeyName, given) }));
    const add = (session: WriteSession) => addProfileKeys(session, profile, KeyName, values);
    const isAdded = await (KeyName === '_profileId'
      ? repository.write(async (session) => {
          const isAdded = await add(session);
          // The id of another profile must go on finding that profile alone.
          if (await nameOtherProfiles(session, profile, Values))
            throw badRequest('A value of _profileId is the id of another profile');
          return isAdded;
        })
      : add(repository.autocommit)
    ).catch((error) => {
      if (error instanceof MissingParentError) return false;
      throw error;
    });
    if (!isAdded) throw await whyNotFound(repository.autocommit, domain);
    return { KeyName, Values };
  },
});
