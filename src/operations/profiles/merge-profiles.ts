import type * as z from 'zod';
import { attributeField, type FieldSourceProfileIds } from '../../identity/merge.ts';
import { badRequest, domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, list, map, optional, structure } from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import { message, name, string1To255, uuid } from '../shapes.ts';
import { mergeProfilesInto } from './merge.ts';

const FieldSources = structure({
  AccountNumber: optional(uuid),
  AdditionalInformation: optional(uuid),
  PartyType: optional(uuid),
  BusinessName: optional(uuid),
  FirstName: optional(uuid),
  MiddleName: optional(uuid),
  LastName: optional(uuid),
  BirthDate: optional(uuid),
  Gender: optional(uuid),
  PhoneNumber: optional(uuid),
  MobilePhoneNumber: optional(uuid),
  HomePhoneNumber: optional(uuid),
  BusinessPhoneNumber: optional(uuid),
  EmailAddress: optional(uuid),
  PersonalEmailAddress: optional(uuid),
  BusinessEmailAddress: optional(uuid),
  Address: optional(uuid),
  ShippingAddress: optional(uuid),
  MailingAddress: optional(uuid),
  BillingAddress: optional(uuid),
  Attributes: optional(map(string1To255, uuid)),
  ProfileType: optional(uuid),
  EngagementPreferences: optional(uuid),
});

/** The sources that a request names, by field. */
function sourcesOf(input: z.output<typeof FieldSources>): FieldSourceProfileIds {
  const { Attributes, ...fields } = input;
  const named = Object.entries(fields).flatMap(([field, profileId]) =>
    profileId === undefined ? [] : [[field, profileId] as const],
  );
  const attributes = Object.entries(Attributes ?? {}).map(
    ([attribute, profileId]) => [attributeField(attribute), profileId] as const,
  );
  return new Map([...named, ...attributes]);
}

/**
 * Merges up to twenty profiles into a main one, at once and as a whole: the main profile has all keys,
 * objects and fields, and the others are gone (Amazon's guide). Where several have a field, the main
 * profile's value stays unless FieldSourceProfileIds names another profile for it.
 */
export const mergeProfiles = operation({
  name: 'MergeProfiles',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/objects/merge',
  input: structure({
    DomainName: label(name),
    MainProfileId: uuid,
    ProfileIdsToBeMerged: list(uuid, { min: 1, max: 20 }),
    FieldSourceProfileIds: optional(FieldSources),
  }),
  output: structure({ Message: optional(message) }),
  async handler(context, input) {
    const { repository, caller } = context;
    const { DomainName: domainName, MainProfileId: mainProfileId } = input;
    const profileIds = [...new Set(input.ProfileIdsToBeMerged)];
    const sources = sourcesOf(input.FieldSourceProfileIds ?? {});
    await repository.write(async (session) => {
      const domain = await findDomain(session, { accountId: caller.accountId, domainName });
      if (domain === undefined) throw domainNotFound(domainName);
      if (profileIds.includes(mainProfileId))
        throw badRequest('MainProfileId must not be among ProfileIdsToBeMerged');
      const merged = new Set([mainProfileId, ...profileIds]);
      for (const [field, profileId] of sources)
        if (!merged.has(profileId))
          throw badRequest(
            `FieldSourceProfileIds.${field.startsWith('Attributes.') ? 'Attributes' : field} must be one of the profiles that are merged`,
          );
      const { domainId, defaultExpirationDays } = domain;
      await mergeProfilesInto(session, context, {
        domainId,
        defaultExpirationDays,
        mainProfileId,
        profileIds,
        chooseSources: () => sources,
      });
    });
    return { Message: 'The merge is complete' };
  },
});
