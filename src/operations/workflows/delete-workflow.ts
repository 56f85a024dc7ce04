import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { name, string1To255 } from '../shapes.ts';
import { refuseWorkflow } from './no-workflow.ts';

/** Finds no workflow: see CreateIntegrationWorkflow. */
export const deleteWorkflow = operation({
  name: 'DeleteWorkflow',
  method: 'DELETE',
  path: '/domains/{DomainName}/workflows/{WorkflowId}',
  input: structure({ DomainName: label(name), WorkflowId: label(string1To255) }),
  output: structure({}),
  handler: (context, { DomainName }) => refuseWorkflow(context, DomainName),
});
