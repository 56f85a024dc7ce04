import { operation } from '../../model/operation.ts';
import { label, optional, structure } from '../../model/shapes.ts';
import { findProfile, removeProfile } from '../../repository/profiles.ts';
import { recordAction } from '../history/record.ts';
import { message, name, uuid } from '../shapes.ts';
import { whyNotFound } from './not-found.ts';

/** Deletes a profile with its keys. A second delete finds nothing: ResourceNotFoundException. */
export const deleteProfile = operation({
  name: 'DeleteProfile',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/delete',
  input: structure({ DomainName: label(name), ProfileId: uuid }),
  output: structure({ Message: optional(message) }),
  async handler(context, { DomainName: domainName, ProfileId: profileId }) {
    const { repository, caller, now } = context;
    const domain = { accountId: caller.accountId, domainName };
    await repository.write(async (session) => {
      const profile = await findProfile(session, { ...domain, profileId, now });
      const isRemoved =
        profile !== undefined && (await removeProfile(session, profile.domainId, profileId));
      if (!isRemoved) throw await whyNotFound(session, domain);
      recordAction(session, context, profile, 'DELETED_BY_CUSTOMER', null);
    });
    return { Message: 'OK' };
  },
});
