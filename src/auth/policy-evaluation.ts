import type { TagContext } from './policy-conditions.ts';
import type { Policy, Selection, Statement } from './policy-document.ts';
import { globMatches } from './wildcards.ts';

/** What is to be allowed. */
export interface AccessRequest extends TagContext {
  /** `profile:AddProfileKey`; its case doesn't count. */
  readonly action: string;
  /** An ARN, or `*` for an action without a resource. */
  readonly resource: string;
}

export type Decision = 'allowed' | 'explicitly denied' | 'not allowed';

function selects({ patterns, excepted }: Selection, text: string): boolean {
  return patterns.some((pattern) => globMatches(pattern, text)) !== excepted;
}

function applies(statement: Statement, action: string, request: AccessRequest): boolean {
  return (
    selects(statement.actions, action) &&
    selects(statement.resources, request.resource) &&
    statement.conditions.every((condition) => condition.holds(request))
  );
}

/**
 * Amazon's guide: a request is denied unless a statement allows it, and a statement that denies it
 * wins over all that allow it.
 */
export function evaluate(policies: readonly Policy[], request: AccessRequest): Decision {
  const action = request.action.toLowerCase();
  let decision: Decision = 'not allowed';
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (!applies(statement, action, request)) continue;
      if (statement.effect === 'Deny') return 'explicitly denied';
      decision = 'allowed';
    }
  }
  return decision;
}

/** Whether a decision by these policies may depend on the tags of the resource. */
export function usesResourceTags(policies: readonly Policy[]): boolean {
  return policies.some(({ statements }) =>
    statements.some(({ conditions }) =>
      conditions.some(({ asksResourceTags }) => asksResourceTags),
    ),
  );
}
