import type { Rate } from './token-buckets.ts';

/**
 * Requests per second for each account and region: Amazon's guide, "Service quotas". Operations that
 * it doesn't list have no published rate.
 */
const published: readonly (readonly [perSecond: number, operations: readonly string[]])[] = [
  [
    1,
    [
      'CreateDomain',
      'UpdateDomain',
      'DeleteDomain',
      'PutProfileObjectType',
      'DeleteProfileObjectType',
      'PutIntegration',
      'DeleteIntegration',
      'GetAutoMergingPreview',
      'CreateEventStream',
      'CreateCalculatedAttributeDefinition',
      'UpdateCalculatedAttributeDefinition',
    ],
  ],
  [
    5,
    [
      'ListDomains',
      'GetDomain',
      'ListProfileObjectTypes',
      'GetProfileObjectTypeTemplate',
      'ListProfileObjectTypeTemplates',
      'GetIntegration',
      'ListIntegrations',
      'GetIdentityResolutionJob',
      'ListIdentityResolutionJobs',
      'GetEventStream',
      'ListEventStreams',
      'DeleteEventStream',
      'GetCalculatedAttributeDefinition',
      'ListCalculatedAttributeDefinitions',
      'DeleteCalculatedAttributeDefinition',
      'CreateIntegrationWorkflow',
      'GetWorkflow',
      'GetWorkflowSteps',
      'ListWorkflows',
      'DeleteWorkflow',
      'ListRuleBasedMatches',
      'TagResource',
      'UntagResource',
      'ListTagsForResource',
    ],
  ],
  [10, ['GetProfileObjectType']],
  [
    100,
    [
      'SearchProfiles',
      'CreateProfile',
      'UpdateProfile',
      'DeleteProfile',
      'AddProfileKey',
      'DeleteProfileKey',
      'MergeProfiles',
      'PutProfileObject',
      'ListProfileObjects',
      'DeleteProfileObject',
      'GetMatches',
      'GetSimilarProfiles',
      'GetCalculatedAttributeForProfile',
      'ListCalculatedAttributesForProfile',
      'ListAccountIntegrations',
    ],
  ],
];

/** The published rates by operation. How large bursts may be is not published: a second's worth. */
export const awsRates: ReadonlyMap<string, Rate> = new Map(
  published.flatMap(([perSecond, operations]) =>
    operations.map((name) => [name, { perSecond, burst: perSecond }] as const),
  ),
);
