import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { structure } from '../../model/shapes.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { string1To255, uuid } from '../shapes.ts';
import { CreateIntegrationWorkflowRequest } from './shapes.ts';

/**
 * Refuses to create a workflow, after everything that can be checked: the only kind runs flows of
 * AppFlow, which is no part of Keyfold, and one that never ran would be a made-up success.
 */
export const createIntegrationWorkflow = operation({
  name: 'CreateIntegrationWorkflow',
  method: 'POST',
  path: '/domains/{DomainName}/workflows/integrations',
  input: CreateIntegrationWorkflowRequest,
  output: structure({ WorkflowId: uuid, Message: string1To255 }),
  async handler({ repository, caller }, { DomainName: domainName, WorkflowType }) {
    await requireDomain(repository, { accountId: caller.accountId, domainName });
    throw badRequest(`Workflows of type ${WorkflowType} are not supported by this deployment`);
  },
});
