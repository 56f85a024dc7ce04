import * as z from 'zod';
import { type Condition, conditionElement } from './policy-conditions.ts';
import { repeatedMember } from './repeated-members.ts';
import { type Glob, globOf, hasVariable } from './wildcards.ts';

/** IAM's quota for a managed policy. As in IAM white space doesn't count. */
export const POLICY_CHARACTERS_MAX = 6_144;

/** A policy that can't be used; the message is one line that says what is wrong and where. */
export class PolicyRefusedError extends Error {
  override readonly name = 'PolicyRefusedError';
}

/** What matches one of the patterns or, when `excepted`, what matches none. */
export interface Selection {
  readonly patterns: readonly Glob[];
  readonly excepted: boolean;
}

/** A statement applies when its actions, its resources and all its conditions do. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Patterns in lower case. */
  readonly actions: Selection;
  readonly resources: Selection;
  readonly conditions: readonly Condition[];
}

/** A policy document, read. */
export interface Policy {
  readonly statements: readonly Statement[];
}

/** An absent element stays absent. */
const oneOrMore = <S extends z.ZodType>(item: S) =>
  z.preprocess(
    (value) => (Array.isArray(value) || value === undefined ? value : [value]),
    z.array(item, 'must be there').min(1, 'must not be empty'),
  );

const pattern = (what: string, isAllowed: (value: string) => boolean) =>
  z.string({ error: `must be ${what}` }).refine(isAllowed, {
    error: ({ input }) => `'${input}' must be ${what}`,
  });

/** IAM refuses wildcards in the service. */
const actionPattern = /^(?:\*|[a-z0-9-]+:[a-z0-9_*?-]+)$/i;

const actions = oneOrMore(
  pattern('* or service:action', (action) => actionPattern.test(action)).transform((action) =>
    globOf(action.toLowerCase()),
  ),
).optional();

const resources = oneOrMore(
  pattern('* or an ARN', (resource) => resource === '*' || resource.startsWith('arn:'))
    .refine((resource) => !hasVariable(resource), {
      error: ({ input }) => `'${input}': policy variables are not supported`,
    })
    .transform(globOf),
).optional();

const resourceBasedOnly = z
  .never('has no place in an identity-based policy: its principal is whoever has the policy')
  .optional();

const elementsOf = (what: string) => ({
  error: (issue: z.core.$ZodRawIssue) =>
    issue.code === 'unrecognized_keys'
      ? `${what} has no element ${issue.keys.join(', ')}`
      : `${what} must be an object`,
});

const statement = z
  .strictObject(
    {
      Sid: z
        .string('must be a string')
        .regex(/^[A-Za-z0-9]*$/, 'must be letters and digits')
        .optional(),
      Effect: z.enum(['Allow', 'Deny'], 'must be Allow or Deny'),
      Principal: resourceBasedOnly,
      NotPrincipal: resourceBasedOnly,
      Action: actions,
      NotAction: actions,
      Resource: resources,
      NotResource: resources,
      Condition: conditionElement.optional(),
    },
    elementsOf('a statement'),
  )
  .refine(
    ({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined),
    'must have either Action or NotAction',
  )
  .refine(
    ({ Resource, NotResource }) => (Resource === undefined) !== (NotResource === undefined),
    'must have either Resource or NotResource',
  )
  .transform(
    ({ Effect, Action, NotAction, Resource, NotResource, Condition }): Statement => ({
      effect: Effect,
      actions: { patterns: Action ?? NotAction ?? [], excepted: Action === undefined },
      resources: { patterns: Resource ?? NotResource ?? [], excepted: Resource === undefined },
      conditions: Condition ?? [],
    }),
  );

const document = z.strictObject(
  {
    Version: z.enum(['2012-10-17', '2008-10-17'], 'must be "2012-10-17" or "2008-10-17"'),
    Id: z.string('must be a string').optional(),
    Statement: oneOrMore(statement),
  },
  elementsOf('a policy'),
);

/** Where an issue is: `Statement 2: Condition StringEquals`. Other lists are told by their items. */
function describe({ path, message }: z.core.$ZodIssue): string {
  const [element, index, ...rest] = path;
  const words = (parts: readonly PropertyKey[]) =>
    [...parts.filter((part) => typeof part === 'string'), message].join(' ');
  return element === 'Statement' && typeof index === 'number'
    ? `Statement ${index + 1}: ${words(rest)}`
    : words(path);
}

function refused(message: string): PolicyRefusedError {
  // A message quotes what the document has, line breaks included.
  return new PolicyRefusedError(message.replace(/\s+/g, ' '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // JSON.parse throws nothing else.
    throw refused((error as SyntaxError).message);
  }
}

/**
 * Reads an identity-based policy in IAM's JSON language. Policy variables, and conditions other than
 * those of the service, are refused: they would have to be ignored.
 *
 * @throws PolicyRefusedError that names the first thing that is wrong.
 */
export function parsePolicyDocument(text: string): Policy {
  const characters = text.replace(/\s/g, '').length;
  if (characters > POLICY_CHARACTERS_MAX)
    throw refused(
      `a policy must have at most ${POLICY_CHARACTERS_MAX} characters without white space, not ${characters}`,
    );
  const parsed = document.safeParse(parseJson(text));
  const repeated = repeatedMember(text);
  if (repeated !== undefined) throw refused(`'${repeated}' is there twice in the same object`);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(issue === undefined ? 'not a policy' : describe(issue));
  }
  if (parsed.data.Version === '2008-10-17' && text.includes('${'))
    throw refused('${ has a meaning only in Version "2012-10-17"');
  return { statements: parsed.data.Statement };
}

/** Allows everything, as the policy AdministratorAccess does. */
export const fullAccess: Policy = parsePolicyDocument(
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
);
