import type * as z from 'zod';
import { badRequest, domainNotFound } from '../../model/errors.ts';
import { type Caller, operation } from '../../model/operation.ts';
import { codePointLength } from '../../model/shapes.ts';
import { lockDomain } from '../../repository/domains.ts';
import { AlreadyExistsError } from '../../repository/errors.ts';
import {
  findIntegration,
  type IntegrationRow,
  insertIntegration,
  integrationCount,
  updateIntegration,
} from '../../repository/integrations.ts';
import type { WriteSession } from '../../repository/session.ts';
import {
  describeIntegration,
  flowUri,
  type IntegrationDocument,
  integrationInBody,
} from './integration.ts';
import { IntegrationResponse, PutIntegrationRequest } from './shapes.ts';

type Input = z.output<typeof PutIntegrationRequest>;

/** Of the model's shape of URIs. */
const URI_LENGTH_MAX = 255;
/** As JSON. The NextToken of a page names a URI and may have 1,024 characters. */
const URI_BYTES_MAX = 640;
/** The object type of data that no object type describes. */
const UNSTRUCTURED = '_unstructured';

/**
 * The URI of the integration.
 *
 * @throws ServiceError BadRequestException for what the shapes can't say.
 */
function checkInput(input: Input, caller: Caller): string {
  const { Uri, FlowDefinition, ObjectTypeName, ObjectTypeNames = {} } = input;
  const uri = Uri ?? (FlowDefinition && flowUri(caller, FlowDefinition.FlowName));
  if (uri === undefined) throw badRequest('One of Uri and FlowDefinition is required');
  if (codePointLength(uri) > URI_LENGTH_MAX)
    throw badRequest(
      `FlowDefinition.FlowName is too long: the ARN of the flow may have ${URI_LENGTH_MAX} characters`,
    );
  if (Buffer.byteLength(JSON.stringify(uri)) > URI_BYTES_MAX)
    throw badRequest(`Uri may have ${URI_BYTES_MAX} bytes as JSON`);
  if (ObjectTypeName === undefined && Object.keys(ObjectTypeNames).length === 0)
    throw badRequest('One of ObjectTypeName and ObjectTypeNames is required');
  return uri;
}

function documentOf(input: Input): IntegrationDocument {
  const { ObjectTypeName, ObjectTypeNames, RoleArn, EventTriggerNames, Tags } = input;
  const isUnstructured = input.FlowDefinition !== undefined && ObjectTypeName === UNSTRUCTURED;
  return {
    ObjectTypeName,
    ObjectTypeNames,
    RoleArn,
    EventTriggerNames,
    Scope: input.Scope ?? 'PROFILE',
    IsUnstructured: isUnstructured ? true : undefined,
    Tags,
  };
}

/** @throws ServiceError BadRequestException when the domain has as many as it may. */
async function insertWithinQuota(session: WriteSession, row: IntegrationRow, quota: number) {
  await insertIntegration(session, row);
  const others = (await integrationCount(session, row.domainId)) - 1;
  if (others >= quota)
    throw badRequest(`The domain has ${others} integrations, and the quota is ${quota}`);
}

/**
 * Replaces an integration, but for its tags: for those of an integration that exists there is
 * TagResource.
 */
async function replace(
  session: WriteSession,
  before: IntegrationRow,
  input: Input,
  now: number,
): Promise<IntegrationRow> {
  const { Tags } = JSON.parse(before.document) as IntegrationDocument;
  const document = JSON.stringify({ ...documentOf(input), Tags });
  const changes = { document, updatedAt: now };
  await updateIntegration(session, before, changes);
  return { ...before, ...changes };
}

/**
 * Adds an integration to a domain, or replaces the one of the same URI. Keyfold keeps what the
 * integration says and moves no data: that takes AppFlow, EventBridge and S3. A FlowDefinition is
 * checked and gives the integration its URI, the ARN of the flow; nothing shows it again, and so
 * it isn't kept.
 */
export const putIntegration = operation({
  name: 'PutIntegration',
  method: 'PUT',
  path: '/domains/{DomainName}/integrations',
  input: PutIntegrationRequest,
  output: IntegrationResponse,
  resourceInBody: integrationInBody,
  async handler({ repository, caller, quotas, now }, input) {
    const { accountId } = caller;
    const { DomainName: domainName } = input;
    const newFlow = input.Uri === undefined ? input.FlowDefinition?.FlowName : undefined;
    const taken = (uri: string) =>
      badRequest(
        newFlow === undefined
          ? `The integration ${uri} belongs to another domain`
          : `Flow with name ${newFlow} already exists.`,
      );
    const row = await repository.write(async (session): Promise<IntegrationRow> => {
      // Nobody else adds integrations to the domain meanwhile.
      const domainId = await lockDomain(session, { accountId, domainName });
      if (domainId === undefined) throw domainNotFound(domainName);
      const uri = checkInput(input, caller);
      const before = await findIntegration(session, { accountId, domainName, uri });
      if (before !== undefined) {
        if (newFlow !== undefined) throw taken(uri);
        return replace(session, before, input, now);
      }
      const document = JSON.stringify(documentOf(input));
      const added = { domainId, uri, accountId, document, createdAt: now, updatedAt: now };
      try {
        await insertWithinQuota(session, added, quotas.integrations);
      } catch (error) {
        if (error instanceof AlreadyExistsError) throw taken(uri);
        throw error;
      }
      return added;
    });
    return describeIntegration({ ...row, domainName });
  },
});
