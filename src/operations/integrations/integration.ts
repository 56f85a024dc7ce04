import type * as z from 'zod';
import { ServiceError } from '../../model/errors.ts';
import type { Caller } from '../../model/operation.ts';
import type { NamedIntegration } from '../../repository/integrations.ts';
import { toTimestamp } from '../domains/settings.ts';
import type { IntegrationResponse } from './shapes.ts';

type Shown = z.output<typeof IntegrationResponse>;

/** What an integration's row holds as one document, as the API shows it. */
export type IntegrationDocument = Pick<
  Shown,
  | 'ObjectTypeName'
  | 'ObjectTypeNames'
  | 'RoleArn'
  | 'EventTriggerNames'
  | 'Scope'
  | 'IsUnstructured'
  | 'Tags'
>;

/** An integration as every answer shows it. */
export function describeIntegration(row: NamedIntegration): Shown {
  return {
    DomainName: row.domainName,
    Uri: row.uri,
    CreatedAt: toTimestamp(row.createdAt),
    LastUpdatedAt: toTimestamp(row.updatedAt),
    // What was stored went through the shapes of PutIntegration.
    ...(JSON.parse(row.document) as IntegrationDocument),
  };
}

/** An integration that is absent, or another domain's: the answer doesn't tell which. */
export function integrationNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'The integration does not exist');
}

/** The URI of an integration that is a flow of AppFlow: the flow's ARN. */
export function flowUri({ accountId, region }: Caller, flowName: string): string {
  return `arn:aws:appflow:${region}:${accountId}:flow/${flowName}`;
}

/**
 * The integration that a request names in its body, for policies: by its URI, or by the flow that it
 * would become the integration of. Without either the request will be refused.
 */
export function integrationInBody(
  { Uri, FlowDefinition }: Readonly<Record<string, unknown>>,
  caller: Caller,
): string {
  const { FlowName } = Object(FlowDefinition) as { FlowName?: unknown };
  const uri = Uri ?? (FlowName === undefined ? '' : flowUri(caller, String(FlowName)));
  return `integrations/${String(uri)}`;
}
