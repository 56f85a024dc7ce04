import {
  enumeration,
  label,
  list,
  long,
  optional,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import {
  ConnectorProfileName,
  FlowDefinition,
  FlowName,
  SourceConnectorType,
} from '../integrations/flow-shapes.ts';
import { name, RoleArn, string1To255, TagMap, typeName, uuid } from '../shapes.ts';

export const WorkflowType = enumeration('APPFLOW_INTEGRATION');
export const Status = enumeration(
  'NOT_STARTED',
  'IN_PROGRESS',
  'COMPLETE',
  'FAILED',
  'SPLIT',
  'RETRY',
  'CANCELLED',
);

const Batch = structure({ StartTime: timestamp(), EndTime: timestamp() });

export const CreateIntegrationWorkflowRequest = structure({
  DomainName: label(name),
  WorkflowType,
  IntegrationConfig: structure({
    AppflowIntegration: optional(structure({ FlowDefinition, Batches: optional(list(Batch)) })),
  }),
  ObjectTypeName: typeName,
  RoleArn,
  Tags: optional(TagMap),
});

export const GetWorkflowResponse = structure({
  WorkflowId: optional(uuid),
  WorkflowType: optional(WorkflowType),
  Status: optional(Status),
  ErrorDescription: optional(string1To255),
  StartDate: optional(timestamp()),
  LastUpdatedAt: optional(timestamp()),
  Attributes: optional(
    structure({
      AppflowIntegration: optional(
        structure({
          SourceConnectorType,
          ConnectorProfileName,
          RoleArn: optional(string1To255),
        }),
      ),
    }),
  ),
  Metrics: optional(
    structure({
      AppflowIntegration: optional(
        structure({ RecordsProcessed: long(), StepsCompleted: long(), TotalSteps: long() }),
      ),
    }),
  ),
});

export const WorkflowStepItem = structure({
  AppflowIntegration: optional(
    structure({
      FlowName,
      Status,
      ExecutionMessage: string1To255,
      RecordsProcessed: long(),
      BatchRecordsStartTime: string1To255,
      BatchRecordsEndTime: string1To255,
      CreatedAt: timestamp(),
      LastUpdatedAt: timestamp(),
    }),
  ),
});

export const ListWorkflowsItem = structure({
  WorkflowType,
  WorkflowId: string1To255,
  Status,
  StatusDescription: string1To255,
  CreatedAt: timestamp(),
  LastUpdatedAt: timestamp(),
});
