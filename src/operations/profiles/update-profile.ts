import { fieldKeyChanges } from '../../identity/field-keys.ts';
import { writtenPaths } from '../../identity/object-fields.ts';
import { applyFields, type ProfileDocument } from '../../identity/profile-document.ts';
import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { removeFieldSources } from '../../repository/field-sources.ts';
import { addFieldKeys, removeFieldKeys } from '../../repository/profile-keys.ts';
import { findProfile, updateProfile as store } from '../../repository/profiles.ts';
import { recordAction } from '../history/record.ts';
import { name, uuid } from '../shapes.ts';
import { encodeDocument, expiryOf } from './document.ts';
import { whyNotFound } from './not-found.ts';
import { updateFields } from './shapes.ts';

/**
 * Changes a profile's fields and, with them, the keys they give. Keys of other origins stay. The
 * write renews the profile's expiration.
 */
export const updateProfile = operation({
  name: 'UpdateProfile',
  method: 'PUT',
  path: '/domains/{DomainName}/profiles',
  input: structure({ DomainName: label(name), ProfileId: uuid, ...updateFields }),
  output: structure({ ProfileId: uuid }),
  async handler(context, input) {
    const { repository, caller, quotas, now } = context;
    const { DomainName: domainName, ProfileId: profileId, ...fields } = input;
    const domain = { accountId: caller.accountId, domainName };
    await repository.write(async (session) => {
      const profile = await findProfile(session, { ...domain, profileId, now });
      if (profile === undefined) throw await whyNotFound(session, domain);
      const before = JSON.parse(profile.document) as ProfileDocument;
      const after = applyFields(before, fields);
      const { added, removed } = fieldKeyChanges(before, after, fields);
      const { domainId } = profile;
      await store(session, profile, {
        document: encodeDocument(after, quotas.profileBytes),
        updatedAt: now,
        expiresAt: expiryOf(now, profile.defaultExpirationDays),
      });
      await removeFieldKeys(session, domainId, profileId, removed);
      await addFieldKeys(session, domainId, profileId, added);
      await removeFieldSources(session, profile, writtenPaths(fields));
      const content = { ProfileId: profileId, ...after };
      recordAction(session, context, profile, 'UPDATED', content);
    });
    return { ProfileId: profileId };
  },
});
