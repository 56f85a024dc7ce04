import type * as z from 'zod';
import {
  enumeration,
  list,
  map,
  optional,
  sensitive,
  string,
  structure,
} from '../../model/shapes.ts';
import { name, requestValueList, string0To255, string1To255, uuid } from '../shapes.ts';

const sensitiveString1To255 = sensitive(string1To255);
const sensitiveString1To1000 = sensitive(string({ min: 1, max: 1000 }));
const sensitiveString0To255 = sensitive(string0To255);
const sensitiveString0To1000 = sensitive(string({ min: 0, max: 1000 }));

const PartyType = sensitive(enumeration('INDIVIDUAL', 'BUSINESS', 'OTHER'));
const Gender = sensitive(enumeration('MALE', 'FEMALE', 'UNSPECIFIED'));
const ProfileType = sensitive(enumeration('ACCOUNT_PROFILE', 'PROFILE'));

const ContactPreference = structure({
  KeyName: optional(name),
  KeyValue: optional(string1To255),
  ProfileId: optional(uuid),
  ContactType: optional(
    enumeration(
      'PhoneNumber',
      'MobilePhoneNumber',
      'HomePhoneNumber',
      'BusinessPhoneNumber',
      'EmailAddress',
      'PersonalEmailAddress',
      'BusinessEmailAddress',
    ),
  ),
});

const EngagementPreferences = sensitive(
  structure({
    Phone: optional(list(ContactPreference)),
    Email: optional(list(ContactPreference)),
  }),
);

/** Creating takes texts of at least one character; in an update an empty one removes a field. */
function address(part: z.ZodType<string>) {
  return sensitive(
    structure({
      Address1: optional(part),
      Address2: optional(part),
      Address3: optional(part),
      Address4: optional(part),
      City: optional(part),
      County: optional(part),
      State: optional(part),
      Province: optional(part),
      Country: optional(part),
      PostalCode: optional(part),
    }),
  );
}

const Address = address(string1To255);
const UpdateAddress = address(string0To255);
const Attributes = sensitive(map(string1To255, string1To255));
const UpdateAttributes = sensitive(map(string1To255, string0To255));

/** The fields of a profile, in the order of the model. */
function profileFields(
  text255: z.ZodType<string>,
  text1000: z.ZodType<string>,
  postal: typeof Address,
  attributes: typeof Attributes,
) {
  return {
    AccountNumber: optional(text255),
    AdditionalInformation: optional(text1000),
    PartyType: optional(PartyType),
    BusinessName: optional(text255),
    FirstName: optional(text255),
    MiddleName: optional(text255),
    LastName: optional(text255),
    BirthDate: optional(text255),
    Gender: optional(Gender),
    PhoneNumber: optional(text255),
    MobilePhoneNumber: optional(text255),
    HomePhoneNumber: optional(text255),
    BusinessPhoneNumber: optional(text255),
    EmailAddress: optional(text255),
    PersonalEmailAddress: optional(text255),
    BusinessEmailAddress: optional(text255),
    Address: optional(postal),
    ShippingAddress: optional(postal),
    MailingAddress: optional(postal),
    BillingAddress: optional(postal),
    Attributes: optional(attributes),
    PartyTypeString: optional(text255),
    GenderString: optional(text255),
    ProfileType: optional(ProfileType),
    EngagementPreferences: optional(EngagementPreferences),
  };
}

/** The fields that CreateProfile takes and a profile shows. */
export const standardFields = profileFields(
  sensitiveString1To255,
  sensitiveString1To1000,
  Address,
  Attributes,
);

/** The fields that UpdateProfile takes. */
export const updateFields = profileFields(
  sensitiveString0To255,
  sensitiveString0To1000,
  UpdateAddress,
  UpdateAttributes,
);

/** A key and values, as a search names them and a found profile repeats them. */
export const AdditionalSearchKey = structure({ KeyName: name, Values: requestValueList });

const FoundByKeyValue = structure({
  KeyName: optional(name),
  Values: optional(requestValueList),
});

export const Profile = structure({
  ProfileId: optional(uuid),
  ...standardFields,
  FoundByItems: optional(list(FoundByKeyValue, { min: 1, max: 5 })),
});
