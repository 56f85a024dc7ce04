import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { name, uuid } from '../shapes.ts';
import { refuseWorkflow } from './no-workflow.ts';
import { GetWorkflowResponse } from './shapes.ts';

/** Finds no workflow: see CreateIntegrationWorkflow. */
export const getWorkflow = operation({
  name: 'GetWorkflow',
  method: 'GET',
  path: '/domains/{DomainName}/workflows/{WorkflowId}',
  input: structure({ DomainName: label(name), WorkflowId: label(uuid) }),
  output: GetWorkflowResponse,
  handler: (context, { DomainName }) => refuseWorkflow(context, DomainName),
});
