import type { FlowDefinition } from '@aws-sdk/client-customer-profiles';
import type { Complete } from './complete.ts';

const date = new Date('2026-01-02T03:04:05.678Z');

/** Every member of a flow definition, with connectors that no one flow has. */
export const everyFlowMember: Complete<FlowDefinition> = {
  Description: 'Contacts, every hour!',
  FlowName: 'contacts',
  KmsArn: 'arn:aws:kms:us-east-1:000000000000:key/one',
  SourceFlowConfig: {
    ConnectorProfileName: 'profile/one',
    ConnectorType: 'Salesforce',
    IncrementalPullConfig: { DatetimeTypeFieldName: 'LastModifiedDate' },
    SourceConnectorProperties: {
      Marketo: { Object: 'Lead' },
      S3: { BucketName: 'bucket', BucketPrefix: '' },
      Salesforce: {
        Object: 'Contact',
        EnableDynamicFieldUpdate: true,
        IncludeDeletedRecords: false,
      },
      ServiceNow: { Object: 'user' },
      Zendesk: { Object: 'users' },
    },
  },
  Tasks: [
    {
      ConnectorOperator: {
        Marketo: 'PROJECTION',
        S3: 'EQUAL_TO',
        Salesforce: 'CONTAINS',
        ServiceNow: 'NO_OP',
        Zendesk: 'GREATER_THAN',
      },
      DestinationField: 'Email',
      SourceFields: ['Email', ''],
      TaskProperties: {
        VALUE: '1',
        VALUES: '1,2',
        DATA_TYPE: 'string',
        UPPER_BOUND: '9',
        LOWER_BOUND: '1',
        SOURCE_DATA_TYPE: 'string',
        DESTINATION_DATA_TYPE: 'string',
        VALIDATION_ACTION: 'DropRecord',
        MASK_VALUE: '*',
        MASK_LENGTH: '4',
        TRUNCATE_LENGTH: '4',
        MATH_OPERATION_FIELDS_ORDER: 'a,b',
        CONCAT_FORMAT: 'a b',
        SUBFIELD_CATEGORY_MAP: '{}',
      },
      TaskType: 'Map',
    },
  ],
  TriggerConfig: {
    TriggerType: 'Scheduled',
    TriggerProperties: {
      Scheduled: {
        ScheduleExpression: 'rate(1hours)',
        DataPullMode: 'Incremental',
        ScheduleStartTime: date,
        ScheduleEndTime: date,
        Timezone: 'Europe/Berlin',
        ScheduleOffset: 36_000,
        FirstExecutionFrom: date,
      },
    },
  },
};

/** The least that a flow definition can say. */
export function flow(FlowName: string): FlowDefinition {
  const { KmsArn } = everyFlowMember;
  return {
    FlowName,
    KmsArn,
    SourceFlowConfig: { ConnectorType: 'S3', SourceConnectorProperties: {} },
    Tasks: [],
    TriggerConfig: { TriggerType: 'OnDemand' },
  };
}
