import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure, timestamp } from '../../model/shapes.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, token } from '../shapes.ts';
import { ListWorkflowsItem, Status, WorkflowType } from './shapes.ts';

/** Lists the workflows of a domain: none, see CreateIntegrationWorkflow. */
export const listWorkflows = operation({
  name: 'ListWorkflows',
  method: 'POST',
  path: '/domains/{DomainName}/workflows',
  input: structure({
    DomainName: label(name),
    WorkflowType: optional(WorkflowType),
    Status: optional(Status),
    QueryStartDate: optional(timestamp()),
    QueryEndDate: optional(timestamp()),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({ Items: optional(list(ListWorkflowsItem)), NextToken: optional(token) }),
  async handler(context, { DomainName: domainName }) {
    // There is no token that a page could have given out; one that was made up is refused.
    context.pagePosition();
    const { accountId } = context.caller;
    await requireDomain(context.repository, { accountId, domainName });
    return { Items: [] };
  },
});
