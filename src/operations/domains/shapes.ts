import {
  boolean,
  double,
  enumeration,
  integer,
  label,
  list,
  long,
  optional,
  string,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import { name, string1To255, TagMap, text } from '../shapes.ts';

export const expirationDaysInteger = integer({ min: 1, max: 1098 });
export const encryptionKey = string({ min: 0, max: 255 });
const sqsQueueUrl = string({ min: 0, max: 255 });

const JobSchedule = structure({
  DayOfTheWeek: enumeration(
    'SUNDAY',
    'MONDAY',
    'TUESDAY',
    'WEDNESDAY',
    'THURSDAY',
    'FRIDAY',
    'SATURDAY',
  ),
  Time: string({
    min: 3,
    max: 5,
    pattern: /^([0-9]|0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$/,
  }),
});

export const ConflictResolution = structure({
  ConflictResolvingModel: enumeration('RECENCY', 'SOURCE'),
  SourceName: optional(string1To255),
});

const ExportingConfig = structure({
  S3Exporting: optional(
    structure({
      S3BucketName: string({ min: 3, max: 63, pattern: /^[a-z0-9.-]+$/ }),
      S3KeyName: optional(string({ min: 1, max: 800, pattern: /.*/ })),
    }),
  ),
});

const MatchingAttributes = list(string1To255, { min: 1, max: 20 });

export const Consolidation = structure({
  MatchingAttributesList: list(MatchingAttributes, { min: 1, max: 10 }),
});

export const Double0To1 = double({ min: 0, max: 1 });

export const AutoMerging = structure({
  Enabled: boolean(),
  Consolidation: optional(Consolidation),
  ConflictResolution: optional(ConflictResolution),
  MinAllowedConfidenceScoreForMerging: optional(Double0To1),
});

const matchingMembers = {
  JobSchedule: optional(JobSchedule),
  AutoMerging: optional(AutoMerging),
  ExportingConfig: optional(ExportingConfig),
};

export const MatchingRequest = structure({ Enabled: boolean(), ...matchingMembers });
const MatchingResponse = structure({ Enabled: optional(boolean()), ...matchingMembers });

const ruleBasedMatchingMembers = {
  MatchingRules: optional(
    list(structure({ Rule: list(string1To255, { min: 1, max: 15 }) }), { min: 1, max: 15 }),
  ),
  MaxAllowedRuleLevelForMerging: optional(integer({ min: 1, max: 15 })),
  MaxAllowedRuleLevelForMatching: optional(integer({ min: 1, max: 15 })),
  AttributeTypesSelector: optional(
    structure({
      AttributeMatchingModel: enumeration('ONE_TO_ONE', 'MANY_TO_MANY'),
      Address: optional(list(string1To255, { min: 1, max: 4 })),
      PhoneNumber: optional(list(string1To255, { min: 1, max: 4 })),
      EmailAddress: optional(list(string1To255, { min: 1, max: 3 })),
    }),
  ),
  ConflictResolution: optional(ConflictResolution),
  ExportingConfig: optional(ExportingConfig),
};

export const RuleBasedMatchingRequest = structure({
  Enabled: boolean(),
  ...ruleBasedMatchingMembers,
});
const RuleBasedMatchingResponse = structure({
  Enabled: optional(boolean()),
  Status: optional(enumeration('PENDING', 'IN_PROGRESS', 'ACTIVE')),
  ...ruleBasedMatchingMembers,
});

export const DataStoreRequest = structure({ Enabled: optional(boolean()) });
const DataStoreResponse = structure({
  Enabled: optional(boolean()),
  Readiness: optional(
    structure({
      ProgressPercentage: optional(integer({ min: 0, max: 100 })),
      Message: optional(text),
    }),
  ),
});

const settingMembers = {
  DefaultEncryptionKey: optional(encryptionKey),
  DeadLetterQueueUrl: optional(sqsQueueUrl),
  Matching: optional(MatchingRequest),
  RuleBasedMatching: optional(RuleBasedMatchingRequest),
  DataStore: optional(DataStoreRequest),
  Tags: optional(TagMap),
};

export const CreateDomainRequest = structure({
  DomainName: label(name),
  DefaultExpirationDays: expirationDaysInteger,
  ...settingMembers,
});

export const UpdateDomainRequest = structure({
  DomainName: label(name),
  DefaultExpirationDays: optional(expirationDaysInteger),
  ...settingMembers,
});

/** What every answer about a domain shows; the model's three responses differ in what is required. */
const domainMembers = {
  DomainName: name,
  DefaultEncryptionKey: optional(encryptionKey),
  DeadLetterQueueUrl: optional(sqsQueueUrl),
  Matching: optional(MatchingResponse),
  RuleBasedMatching: optional(RuleBasedMatchingResponse),
  DataStore: optional(DataStoreResponse),
  CreatedAt: timestamp(),
  LastUpdatedAt: timestamp(),
  Tags: optional(TagMap),
};

export const CreateDomainResponse = structure({
  ...domainMembers,
  DefaultExpirationDays: expirationDaysInteger,
});

export const UpdateDomainResponse = structure({
  ...domainMembers,
  DefaultExpirationDays: optional(expirationDaysInteger),
});

export const GetDomainResponse = structure({
  ...domainMembers,
  DefaultExpirationDays: optional(expirationDaysInteger),
  Stats: optional(
    structure({
      ProfileCount: optional(long()),
      MeteringProfileCount: optional(long()),
      ObjectCount: optional(long()),
      TotalSize: optional(long()),
    }),
  ),
});

export const ListDomainItem = structure({
  DomainName: name,
  CreatedAt: timestamp(),
  LastUpdatedAt: timestamp(),
  Tags: optional(TagMap),
});
