import { ServiceError } from '../model/errors.ts';
import type { Principal } from './credentials.ts';
import type { Policy } from './policy-document.ts';
import { evaluate, usesResourceTags } from './policy-evaluation.ts';
import { globMatches } from './wildcards.ts';

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

/** The action of emptying the database. It is none of the API's. */
const RESET = 'keyfold:Reset';

/**
 * What a policy allows by naming an action or its service. `*` is given to whoever may do everything in
 * an account; emptying the database takes other accounts' domains as well.
 */
function withoutBlanket({ statements }: Policy): Policy {
  const named = statements.flatMap((statement) => {
    const { effect, actions } = statement;
    if (effect === 'Deny') return [statement];
    if (actions.excepted) return [];
    // Only wildcards for any text match the empty one.
    const patterns = actions.patterns.filter((pattern) => !globMatches(pattern, ''));
    return patterns.length > 0 ? [{ ...statement, actions: { ...actions, patterns } }] : [];
  });
  return { statements: named };
}

/**
 * Checks that whoever signed a request may empty the database: a policy must allow `keyfold:Reset`, or
 * `keyfold:*`, on `*`.
 *
 * @throws ServiceError AccessDeniedException in the words of IAM.
 */
export function authorizeReset(principal: Principal): void {
  const policies = principal.policies.map(withoutBlanket);
  const request = { action: RESET, resource: '*', requestTags: {}, tagKeys: [], resourceTags: {} };
  const decision = evaluate(policies, request);
  if (decision === 'explicitly denied')
    throw denied(principal, RESET, '*', 'with an explicit deny in an identity-based policy');
  if (decision === 'not allowed')
    throw denied(
      principal,
      RESET,
      '*',
      `because no identity-based policy names the ${RESET} action`,
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
