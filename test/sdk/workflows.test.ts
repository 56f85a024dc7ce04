import {
  CreateIntegrationWorkflowCommand,
  type CreateIntegrationWorkflowCommandInput,
  type CustomerProfilesClient,
  DeleteWorkflowCommand,
  GetWorkflowCommand,
  GetWorkflowStepsCommand,
  ListWorkflowsCommand,
  type ListWorkflowsCommandInput,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type { Complete } from '../support/complete.ts';
import { startCustomers } from '../support/customers.ts';
import { everyFlowMember } from '../support/flows.ts';
import { badRequest, domainNotFound, expectAllRejected, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const DomainName = 'customers';
const WorkflowId = '0123456789abcdef0123456789abcdef';

const everyMember: Complete<CreateIntegrationWorkflowCommandInput> = {
  DomainName,
  WorkflowType: 'APPFLOW_INTEGRATION',
  IntegrationConfig: {
    AppflowIntegration: {
      FlowDefinition: everyFlowMember,
      Batches: [{ StartTime: new Date(0), EndTime: new Date(1) }],
    },
  },
  ObjectTypeName: 'CTR',
  RoleArn: 'arn:aws:iam::000000000000:role/one',
  Tags: { a: '1' },
};

const create = (client: CustomerProfilesClient, changes: object = {}) =>
  client.send(new CreateIntegrationWorkflowCommand({ ...everyMember, ...changes }));
const list = (client: CustomerProfilesClient, changes: Partial<ListWorkflowsCommandInput> = {}) =>
  client.send(new ListWorkflowsCommand({ DomainName, ...changes }));

/** Every operation on a single workflow. */
const onOne = (client: CustomerProfilesClient, changes: object = {}) => {
  const input = { DomainName, WorkflowId, ...changes };
  return [
    client.send(new GetWorkflowCommand(input)),
    client.send(new GetWorkflowStepsCommand({ ...input, MaxResults: 1 })),
    client.send(new DeleteWorkflowCommand(input)),
  ];
};

describe('CreateIntegrationWorkflow', () => {
  test('BadRequestException: no workflow could run here', async () => {
    const { client } = await startCustomers();
    await expect(create(client)).rejects.toMatchObject(
      badRequest('Workflows of type APPFLOW_INTEGRATION are not supported by this deployment'),
    );
    expect((await list(client)).Items).toEqual([]);
  });

  test('BadRequestException names what is wrong with the request instead', async () => {
    const { client } = await startCustomers();
    await expect(create(client, { RoleArn: 'nobody' })).rejects.toMatchObject(
      violation(
        "Value 'nobody' at 'roleArn'",
        'satisfy regular expression pattern: arn:aws:iam:.*:[0-9]+:.*',
      ),
    );
  });

  test('404 when the domain is not there', async () => {
    const { client } = await startCustomers();
    await expect(create(client, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('SerializationException for a batch whose times are texts', async () => {
    const { service } = await startCustomers();
    const config = structuredClone(everyMember.IntegrationConfig) as Record<string, unknown>;
    config.AppflowIntegration = { Batches: [{ StartTime: '2026-01-01', EndTime: 1 }] };
    const body = { ...everyMember, IntegrationConfig: config };
    const path = `/domains/${DomainName}/workflows/integrations`;
    expect((await send(service, 'POST', path, body)).errorType).toBe('SerializationException');
  });
});

describe('a single workflow', () => {
  test('404: none is there', async () => {
    const { client } = await startCustomers();
    await expectAllRejected(onOne(client), {
      name: 'ResourceNotFoundException',
      message: 'The workflow does not exist',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('404 when the domain is not there', async () => {
    const { client } = await startCustomers();
    await expectAllRejected(onOne(client, { DomainName: 'nowhere' }), domainNotFound('nowhere'));
  });

  test('BadRequestException for an id against its pattern, where it has one', async () => {
    const { client } = await startCustomers();
    const [get, getSteps, remove] = onOne(client, { WorkflowId: 'any id' });
    const refused = violation(
      "Value 'any id' at 'workflowId'",
      'satisfy regular expression pattern: [a-f0-9]{32}',
    );
    await expectAllRejected([get ?? Promise.resolve(), getSteps ?? Promise.resolve()], refused);
    await expect(remove).rejects.toMatchObject({ message: 'The workflow does not exist' });
  });
});

describe('ListWorkflows', () => {
  test('lists none, whatever is asked for', async () => {
    const { client } = await startCustomers();
    const filters: Complete<Omit<ListWorkflowsCommandInput, 'DomainName' | 'NextToken'>> = {
      WorkflowType: 'APPFLOW_INTEGRATION',
      Status: 'COMPLETE',
      QueryStartDate: new Date(0),
      QueryEndDate: new Date(1),
      MaxResults: 100,
    };
    for (const asked of [{}, filters]) {
      const page = await list(client, asked);
      expect([page.Items, page.NextToken]).toEqual([[], undefined]);
    }
  });

  test('404 when the domain is not there', async () => {
    const { client } = await startCustomers();
    await expect(list(client, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('BadRequestException for a token and for a filter that are not valid', async () => {
    const { client } = await startCustomers();
    await expect(list(client, { NextToken: 'x' })).rejects.toMatchObject(
      badRequest('NextToken is not valid'),
    );
    await expect(list(client, { Status: 'DONE' as 'COMPLETE' })).rejects.toMatchObject(
      violation(
        "Value 'DONE' at 'status'",
        'satisfy enum value set: [NOT_STARTED, IN_PROGRESS, COMPLETE, FAILED, SPLIT, RETRY, CANCELLED]',
      ),
    );
  });
});
