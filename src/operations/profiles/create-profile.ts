import { fieldKeys } from '../../identity/field-keys.ts';
import { applyFields } from '../../identity/profile-document.ts';
import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import { MissingParentError } from '../../repository/errors.ts';
import { addFieldKeys } from '../../repository/profile-keys.ts';
import { insertProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { name, uuid } from '../shapes.ts';
import { encodeDocument, expiryOf } from './document.ts';
import { standardFields } from './shapes.ts';

/**
 * Creates a profile. No field is unique and nothing is compared: the same input twice makes two
 * profiles. The standard fields are searchable at once.
 */
export const createProfile = operation({
  name: 'CreateProfile',
  method: 'POST',
  path: '/domains/{DomainName}/profiles',
  input: structure({ DomainName: label(name), ...standardFields }),
  output: structure({ ProfileId: uuid }),
  async handler(context, { DomainName: domainName, ...fields }) {
    const { repository, caller, ids, quotas, now } = context;
    const document = applyFields({}, fields);
    const profileId = ids.profileId(now);
    const keys = fieldKeys(profileId, document);
    const store = async (session: WriteSession) => {
      const domain = await findDomain(session, { accountId: caller.accountId, domainName });
      if (domain === undefined) throw domainNotFound(domainName);
      const { domainId } = domain;
      await insertProfile(session, {
        domainId,
        profileId,
        document: encodeDocument(document, quotas.profileBytes),
        version: 1,
        createdAt: now,
        updatedAt: now,
        expiresAt: expiryOf(now, domain.defaultExpirationDays),
      });
      await addFieldKeys(session, domainId, profileId, keys);
      const profile = { domainId, profileId };
      const content = { ProfileId: profileId, ...document };
      recordAction(session, context, profile, 'CREATED', content);
    };
    await repository.write(store).catch((error) => {
      // The domain was deleted at this moment.
      throw error instanceof MissingParentError ? domainNotFound(domainName) : error;
    });
    return { ProfileId: profileId };
  },
});
