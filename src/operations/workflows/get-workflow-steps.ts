import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { name, token, uuid } from '../shapes.ts';
import { refuseWorkflow } from './no-workflow.ts';
import { WorkflowStepItem, WorkflowType } from './shapes.ts';

/** Finds no workflow: see CreateIntegrationWorkflow. */
export const getWorkflowSteps = operation({
  name: 'GetWorkflowSteps',
  method: 'GET',
  path: '/domains/{DomainName}/workflows/{WorkflowId}/steps',
  input: structure({
    DomainName: label(name),
    WorkflowId: label(uuid),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    WorkflowId: optional(uuid),
    WorkflowType: optional(WorkflowType),
    Items: optional(list(WorkflowStepItem)),
    NextToken: optional(token),
  }),
  handler: (context, { DomainName }) => refuseWorkflow(context, DomainName),
});
