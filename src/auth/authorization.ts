import { ServiceError } from '../model/errors.ts';
import type { Principal } from './credentials.ts';
import { evaluate, usesResourceTags } from './policy-evaluation.ts';

type Tags = Readonly<Record<string, string>>;

/** What a request asks for. */
export interface RequestedAccess {
  /** The operation: `AddProfileKey`. */
  readonly operation: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** The tags that the request would give to the resource. */
  readonly requestTags: Tags;
  /** The keys of the tags that it would take away. */
  readonly tagKeys: readonly string[];
  /** The tags that the resource has; asked for only when a policy depends on them. */
  resourceTags(): Promise<Tags>;
}

function denied(principal: Principal, action: string, resource: string, why: string): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
}

/**
 * Checks that the policies of whoever signed a request allow it. Giving tags takes the permission to
 * tag besides (Amazon's service authorization reference).
 *
 * @throws ServiceError AccessDeniedException in the words of IAM.
 */
export async function authorize(principal: Principal, access: RequestedAccess): Promise<void> {
  const { policies } = principal;
  const { operation, resource, requestTags, tagKeys } = access;
  const actions = [`profile:${operation}`];
  if (operation !== 'TagResource' && Object.keys(requestTags).length > 0)
    actions.push('profile:TagResource');
  const resourceTags = usesResourceTags(policies) ? await access.resourceTags() : {};
  for (const action of actions) {
    const decision = evaluate(policies, { action, resource, requestTags, tagKeys, resourceTags });
    if (decision === 'explicitly denied')
      throw denied(
        principal,
        action,
        resource,
        'with an explicit deny in an identity-based policy',
      );
    if (decision === 'not allowed')
      throw denied(
        principal,
        action,
        resource,
        `because no identity-based policy allows the ${action} action`,
      );
  }
}
