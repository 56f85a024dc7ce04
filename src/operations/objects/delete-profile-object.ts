import { ServiceError } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, optional, structure } from '../../model/shapes.ts';
import { removeObjects } from '../../repository/object-removal.ts';
import { findProfile } from '../../repository/profiles.ts';
import { recordAction } from '../history/record.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import { scrubOlderVersions } from '../profiles/scrub-images.ts';
import { message, name, string1To255, typeName, uuid } from '../shapes.ts';

/**
 * Deletes an object with the keys that it gave its profile. The fields that it filled stay (Amazon's
 * guide promises that they go only with the object's type). What the merge log keeps of
 * its older versions goes with it.
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
      const object = { profileId, objectTypeName, objectKey };
      const [removed] = await removeObjects(session, profile.domainId, [object]);
      if (removed === undefined)
        throw new ServiceError('ResourceNotFoundException', 'The object does not exist');
      await scrubOlderVersions(session, { domainId: profile.domainId, ...object });
      recordAction(session, context, profile, 'DELETED_BY_CUSTOMER', null, object);
    });
    return { Message: 'OK' };
  },
});
