import type { Method, Operation } from '../model/operation.ts';

/**
 * The operations of the API that Keyfold doesn't have yet: they answer 501 and say so, where a
 * made-up success or a 404 would mislead. An operation leaves this list when it joins the registry.
 */
export const notImplemented: readonly Pick<Operation, 'name' | 'method' | 'path'>[] = (
  [
    [
      'BatchGetCalculatedAttributeForProfile',
      'POST',
      '/domains/{DomainName}/calculated-attributes/{CalculatedAttributeName}/batch-get-for-profiles',
    ],
    [
      'CreateCalculatedAttributeDefinition',
      'POST',
      '/domains/{DomainName}/calculated-attributes/{CalculatedAttributeName}',
    ],
    ['CreateDomainLayout', 'POST', '/domains/{DomainName}/layouts/{LayoutDefinitionName}'],
    ['CreateEventStream', 'POST', '/domains/{DomainName}/event-streams/{EventStreamName}'],
    ['CreateEventTrigger', 'POST', '/domains/{DomainName}/event-triggers/{EventTriggerName}'],
    ['CreateRecommender', 'POST', '/domains/{DomainName}/recommenders/{RecommenderName}'],
    [
      'CreateRecommenderFilter',
      'POST',
      '/domains/{DomainName}/recommender-filters/{RecommenderFilterName}',
    ],
    [
      'CreateRecommenderSchema',
      'POST',
      '/domains/{DomainName}/recommender-schemas/{RecommenderSchemaName}',
    ],
    [
      'CreateSegmentDefinition',
      'POST',
      '/domains/{DomainName}/segment-definitions/{SegmentDefinitionName}',
    ],
    ['CreateSegmentEstimate', 'POST', '/domains/{DomainName}/segment-estimates'],
    [
      'CreateSegmentSnapshot',
      'POST',
      '/domains/{DomainName}/segments/{SegmentDefinitionName}/snapshots',
    ],
    ['CreateUploadJob', 'POST', '/domains/{DomainName}/upload-jobs'],
    [
      'DeleteCalculatedAttributeDefinition',
      'DELETE',
      '/domains/{DomainName}/calculated-attributes/{CalculatedAttributeName}',
    ],
    ['DeleteDomainLayout', 'DELETE', '/domains/{DomainName}/layouts/{LayoutDefinitionName}'],
    [
      'DeleteDomainObjectType',
      'DELETE',
      '/domains/{DomainName}/domain-object-types/{ObjectTypeName}',
    ],
    ['DeleteEventStream', 'DELETE', '/domains/{DomainName}/event-streams/{EventStreamName}'],
    ['DeleteEventTrigger', 'DELETE', '/domains/{DomainName}/event-triggers/{EventTriggerName}'],
    ['DeleteRecommender', 'DELETE', '/domains/{DomainName}/recommenders/{RecommenderName}'],
    [
      'DeleteRecommenderFilter',
      'DELETE',
      '/domains/{DomainName}/recommender-filters/{RecommenderFilterName}',
    ],
    [
      'DeleteRecommenderSchema',
      'DELETE',
      '/domains/{DomainName}/recommender-schemas/{RecommenderSchemaName}',
    ],
    [
      'DeleteSegmentDefinition',
      'DELETE',
      '/domains/{DomainName}/segment-definitions/{SegmentDefinitionName}',
    ],
    [
      'GetCalculatedAttributeDefinition',
      'GET',
      '/domains/{DomainName}/calculated-attributes/{CalculatedAttributeName}',
    ],
    [
      'GetCalculatedAttributeForProfile',
      'GET',
      '/domains/{DomainName}/profile/{ProfileId}/calculated-attributes/{CalculatedAttributeName}',
    ],
    ['GetDomainLayout', 'GET', '/domains/{DomainName}/layouts/{LayoutDefinitionName}'],
    ['GetDomainObjectType', 'GET', '/domains/{DomainName}/domain-object-types/{ObjectTypeName}'],
    ['GetEventStream', 'GET', '/domains/{DomainName}/event-streams/{EventStreamName}'],
    ['GetEventTrigger', 'GET', '/domains/{DomainName}/event-triggers/{EventTriggerName}'],
    [
      'GetProfileRecommendations',
      'POST',
      '/domains/{DomainName}/profiles/{ProfileId}/recommendations',
    ],
    ['GetRecommender', 'GET', '/domains/{DomainName}/recommenders/{RecommenderName}'],
    [
      'GetRecommenderFilter',
      'GET',
      '/domains/{DomainName}/recommender-filters/{RecommenderFilterName}',
    ],
    [
      'GetRecommenderSchema',
      'GET',
      '/domains/{DomainName}/recommender-schemas/{RecommenderSchemaName}',
    ],
    [
      'GetSegmentDefinition',
      'GET',
      '/domains/{DomainName}/segment-definitions/{SegmentDefinitionName}',
    ],
    ['GetSegmentEstimate', 'GET', '/domains/{DomainName}/segment-estimates/{EstimateId}'],
    [
      'GetSegmentMembership',
      'POST',
      '/domains/{DomainName}/segments/{SegmentDefinitionName}/membership',
    ],
    [
      'GetSegmentSnapshot',
      'GET',
      '/domains/{DomainName}/segments/{SegmentDefinitionName}/snapshots/{SnapshotId}',
    ],
    ['GetUploadJob', 'GET', '/domains/{DomainName}/upload-jobs/{JobId}'],
    ['GetUploadJobPath', 'GET', '/domains/{DomainName}/upload-jobs/{JobId}/path'],
    ['ListCalculatedAttributeDefinitions', 'GET', '/domains/{DomainName}/calculated-attributes'],
    [
      'ListCalculatedAttributesForProfile',
      'GET',
      '/domains/{DomainName}/profile/{ProfileId}/calculated-attributes',
    ],
    ['ListDomainLayouts', 'GET', '/domains/{DomainName}/layouts'],
    ['ListDomainObjectTypes', 'GET', '/domains/{DomainName}/domain-object-types'],
    ['ListEventStreams', 'GET', '/domains/{DomainName}/event-streams'],
    ['ListEventTriggers', 'GET', '/domains/{DomainName}/event-triggers'],
    ['ListRecommenderFilters', 'GET', '/domains/{DomainName}/recommender-filters'],
    ['ListRecommenderRecipes', 'GET', '/recommender-recipes'],
    ['ListRecommenderSchemas', 'GET', '/domains/{DomainName}/recommender-schemas'],
    ['ListRecommenders', 'GET', '/domains/{DomainName}/recommenders'],
    ['ListSegmentDefinitions', 'GET', '/domains/{DomainName}/segment-definitions'],
    ['ListUploadJobs', 'GET', '/domains/{DomainName}/upload-jobs'],
    ['PutDomainObjectType', 'PUT', '/domains/{DomainName}/domain-object-types/{ObjectTypeName}'],
    ['StartRecommender', 'PUT', '/domains/{DomainName}/recommenders/{RecommenderName}/start'],
    ['StartUploadJob', 'PUT', '/domains/{DomainName}/upload-jobs/{JobId}'],
    ['StopRecommender', 'PUT', '/domains/{DomainName}/recommenders/{RecommenderName}/stop'],
    ['StopUploadJob', 'PUT', '/domains/{DomainName}/upload-jobs/{JobId}/stop'],
    [
      'UpdateCalculatedAttributeDefinition',
      'PUT',
      '/domains/{DomainName}/calculated-attributes/{CalculatedAttributeName}',
    ],
    ['UpdateDomainLayout', 'PUT', '/domains/{DomainName}/layouts/{LayoutDefinitionName}'],
    ['UpdateEventTrigger', 'PUT', '/domains/{DomainName}/event-triggers/{EventTriggerName}'],
    ['UpdateRecommender', 'PATCH', '/domains/{DomainName}/recommenders/{RecommenderName}'],
  ] satisfies [name: string, method: Method, path: string][]
).map(([name, method, path]) => ({ name, method, path }));
