import {
  boolean,
  enumeration,
  list,
  long,
  map,
  optional,
  sensitive,
  string,
  structure,
  timestamp,
} from '../../model/shapes.ts';

const anyTo256 = string({ max: 256, pattern: /.*/ });

export const FlowName = string({ max: 256, pattern: /[a-zA-Z0-9][\w!@#.-]+/ });
export const ConnectorProfileName = string({ max: 256, pattern: /[\w/!@#+=.-]+/ });
export const SourceConnectorType = enumeration(
  'Salesforce',
  'Marketo',
  'Zendesk',
  'Servicenow',
  'S3',
);

const sourceObject = string({ max: 512, pattern: /\S+/ });
const objectProperties = structure({ Object: sourceObject });

const SourceFlowConfig = structure({
  ConnectorProfileName: optional(ConnectorProfileName),
  ConnectorType: SourceConnectorType,
  IncrementalPullConfig: optional(structure({ DatetimeTypeFieldName: optional(anyTo256) })),
  SourceConnectorProperties: structure({
    Marketo: optional(objectProperties),
    S3: optional(
      structure({
        BucketName: string({ min: 3, max: 63, pattern: /\S+/ }),
        BucketPrefix: optional(string({ max: 512, pattern: /.*/ })),
      }),
    ),
    Salesforce: optional(
      structure({
        Object: sourceObject,
        EnableDynamicFieldUpdate: optional(boolean()),
        IncludeDeletedRecords: optional(boolean()),
      }),
    ),
    ServiceNow: optional(objectProperties),
    Zendesk: optional(objectProperties),
  }),
});

/** What every connector can do with a field, in the model's order. */
const commonOperators = [
  'ADDITION',
  'MULTIPLICATION',
  'DIVISION',
  'SUBTRACTION',
  'MASK_ALL',
  'MASK_FIRST_N',
  'MASK_LAST_N',
  'VALIDATE_NON_NULL',
  'VALIDATE_NON_ZERO',
  'VALIDATE_NON_NEGATIVE',
  'VALIDATE_NUMERIC',
  'NO_OP',
] as const;

const comparisons = [
  'BETWEEN',
  'LESS_THAN_OR_EQUAL_TO',
  'GREATER_THAN_OR_EQUAL_TO',
  'EQUAL_TO',
  'NOT_EQUAL_TO',
] as const;

const ConnectorOperator = structure({
  Marketo: optional(
    enumeration('PROJECTION', 'LESS_THAN', 'GREATER_THAN', 'BETWEEN', ...commonOperators),
  ),
  S3: optional(
    enumeration('PROJECTION', 'LESS_THAN', 'GREATER_THAN', ...comparisons, ...commonOperators),
  ),
  Salesforce: optional(
    enumeration(
      'PROJECTION',
      'LESS_THAN',
      'CONTAINS',
      'GREATER_THAN',
      ...comparisons,
      ...commonOperators,
    ),
  ),
  ServiceNow: optional(
    enumeration(
      'PROJECTION',
      'CONTAINS',
      'LESS_THAN',
      'GREATER_THAN',
      ...comparisons,
      ...commonOperators,
    ),
  ),
  Zendesk: optional(enumeration('PROJECTION', 'GREATER_THAN', ...commonOperators)),
});

const OperatorPropertiesKeys = enumeration(
  'VALUE',
  'VALUES',
  'DATA_TYPE',
  'UPPER_BOUND',
  'LOWER_BOUND',
  'SOURCE_DATA_TYPE',
  'DESTINATION_DATA_TYPE',
  'VALIDATION_ACTION',
  'MASK_VALUE',
  'MASK_LENGTH',
  'TRUNCATE_LENGTH',
  'MATH_OPERATION_FIELDS_ORDER',
  'CONCAT_FORMAT',
  'SUBFIELD_CATEGORY_MAP',
);

const Task = structure({
  ConnectorOperator: optional(ConnectorOperator),
  DestinationField: optional(anyTo256),
  SourceFields: list(string({ max: 2048, pattern: /.*/ })),
  TaskProperties: optional(map(OperatorPropertiesKeys, string({ max: 2048, pattern: /.+/ }))),
  TaskType: enumeration('Arithmetic', 'Filter', 'Map', 'Mask', 'Merge', 'Truncate', 'Validate'),
});

const ScheduledTriggerProperties = structure({
  ScheduleExpression: anyTo256,
  DataPullMode: optional(enumeration('Incremental', 'Complete')),
  ScheduleStartTime: optional(timestamp()),
  ScheduleEndTime: optional(timestamp()),
  Timezone: optional(anyTo256),
  ScheduleOffset: optional(long({ min: 0, max: 36_000 })),
  FirstExecutionFrom: optional(timestamp()),
});

/** A flow of AppFlow, which would bring data from another service. */
export const FlowDefinition = sensitive(
  structure({
    Description: optional(string({ max: 2048, pattern: /[\w!@#\-.?,\s]*/ })),
    FlowName,
    KmsArn: string({ min: 20, max: 2048, pattern: /arn:aws:kms:.*:[0-9]+:.*/ }),
    SourceFlowConfig,
    Tasks: list(Task),
    TriggerConfig: structure({
      TriggerType: enumeration('Scheduled', 'Event', 'OnDemand'),
      TriggerProperties: optional(structure({ Scheduled: optional(ScheduledTriggerProperties) })),
    }),
  }),
);
