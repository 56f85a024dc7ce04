import { ServiceError } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, optional, structure } from '../../model/shapes.ts';
import { countObjects } from '../../repository/domains.ts';
import { removeObjectKeys } from '../../repository/object-keys.ts';
import { removeObject } from '../../repository/object-list.ts';
import { findProfile, lockProfile } from '../../repository/profiles.ts';
import { recordAction } from '../history/record.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import { message, name, string1To255, typeName, uuid } from '../shapes.ts';

/**
 * Deletes an object with the keys that it gave its profile. The fields that it filled stay (Amazon's
 * guide promises that they go only with the object's type).
 */
export const deleteProfileObject = operation({
  name: 'DeleteProfileObject',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/objects/delete',
  input: structure({
    ProfileId: uuid,
    ProfileObjectUniqueKey: string1To255,
    ObjectTypeName: typeName,
    DomainName: label(name),
  }),
  output: structure({ Message: optional(message) }),
  async handler(context, input) {
    const { repository, caller, now } = context;
    const { DomainName: domainName, ProfileId: profileId } = input;
    const { ObjectTypeName: objectTypeName, ProfileObjectUniqueKey: objectKey } = input;
    const domain = { accountId: caller.accountId, domainName };
    await repository.write(async (session) => {
      const profile = await findProfile(session, { ...domain, profileId, now });
      if (profile === undefined) throw await whyNotFound(session, domain);
      await lockProfile(session, profile);
      const object = { domainId: profile.domainId, profileId, objectTypeName, objectKey };
      const bytes = await removeObject(session, object);
      if (bytes === undefined)
        throw new ServiceError('ResourceNotFoundException', 'The object does not exist');
      await removeObjectKeys(session, object);
      await countObjects(session, profile.domainId, [{ profileId, objects: -1, bytes: -bytes }]);
      await recordAction(session, context, object, 'DELETED_BY_CUSTOMER', null, object);
    });
    return { Message: 'OK' };
  },
});
