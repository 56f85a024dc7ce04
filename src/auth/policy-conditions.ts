import * as z from 'zod';
import { globMatches, globOf, hasVariable, literalOf } from './wildcards.ts';

type Tags = Readonly<Record<string, string>>;

/** What conditions can ask about. */
export interface TagContext {
  /** The tags that the request brings. */
  readonly requestTags: Tags;
  /** The keys of tags that it names without values: those it takes away. */
  readonly tagKeys?: readonly string[];
  /** The tags that the resource has before the request. */
  readonly resourceTags: Tags;
}

/** One condition key under one operator. Every condition of a statement must hold. */
export interface Condition {
  readonly asksResourceTags: boolean;
  readonly holds: (context: TagContext) => boolean;
}

interface ContextKey {
  readonly name: 'ResourceTag' | 'RequestTag' | 'TagKeys';
  /** The values of the key in a request, none when the key is absent. */
  readonly values: (context: TagContext) => readonly string[];
}

/** Whether the values that a request has for a key satisfy what a policy says. */
type ValuesTest = (values: readonly string[]) => boolean;

class ConditionRefused extends Error {}

/**
 * Amazon's guide: tag keys in condition keys have no case, and of several tags whose keys differ by
 * case only one counts. It leaves open which; here it is the one written as in the policy, then the
 * first by code units.
 */
function tagValue(tags: Tags, tagKey: string): readonly string[] {
  const folded = tagKey.toLowerCase();
  const [found] = Object.hasOwn(tags, tagKey)
    ? [tagKey]
    : Object.keys(tags)
        .filter((key) => key.toLowerCase() === folded)
        .sort();
  const value = found === undefined ? undefined : tags[found];
  return value === undefined ? [] : [value];
}

/** A tag's key never has a `$`, so that a policy variable in a condition key is refused too. */
const tagConditionKey = /^aws:(resourcetag|requesttag)\/([^$]+)$/i;

function contextKeyOf(key: string): ContextKey {
  if (key.toLowerCase() === 'aws:tagkeys')
    return {
      name: 'TagKeys',
      values: ({ requestTags, tagKeys = [] }) => [...Object.keys(requestTags), ...tagKeys],
    };
  const [, source, tagKey] = tagConditionKey.exec(key) ?? [];
  if (source === undefined || tagKey === undefined)
    throw new ConditionRefused(
      `${key} is not supported; aws:ResourceTag/<key>, aws:RequestTag/<key> and aws:TagKeys are`,
    );
  return source.toLowerCase() === 'resourcetag'
    ? { name: 'ResourceTag', values: ({ resourceTags }) => tagValue(resourceTags, tagKey) }
    : { name: 'RequestTag', values: ({ requestTags }) => tagValue(requestTags, tagKey) };
}

/** Whether a value matches any of those in the policy. */
function comparison(kind: string, wanted: readonly string[]): (value: string) => boolean {
  if (kind === 'Like') {
    const globs = wanted.map(globOf);
    return (value) => globs.some((glob) => globMatches(glob, value));
  }
  const literals = wanted.map(literalOf);
  if (kind === 'Equals') return (value) => literals.includes(value);
  const folded = literals.map((literal) => literal.toLowerCase());
  return (value) => folded.includes(value.toLowerCase());
}

const stringOperator =
  /^(?:(ForAllValues|ForAnyValue):)?String(Not)?(Equals|EqualsIgnoreCase|Like)(IfExists)?$/;

/**
 * Amazon's guide: `ForAllValues` holds and `ForAnyValue` doesn't when the key is absent or resolves to
 * an empty data set, such as an empty string. `IfExists` changes nothing about that; the guide doesn't
 * say so, but IAM has been seen to take it value by value, after the prefix.
 */
function stringTest(operator: string, wanted: readonly string[]): ValuesTest {
  const [matched, set, not, kind, ifExists] = stringOperator.exec(operator) ?? [];
  if (matched === undefined || kind === undefined)
    throw new ConditionRefused(`${operator} is not a supported operator`);
  const variable = wanted.find(hasVariable);
  if (variable !== undefined)
    throw new ConditionRefused(`${operator} has '${variable}': policy variables are not supported`);
  const negated = not !== undefined;
  const matches = comparison(kind, wanted);
  const satisfies = (value: string) => matches(value) !== negated;
  if (set === 'ForAllValues')
    return (values) => values.every((value) => value === '' || satisfies(value));
  if (set === 'ForAnyValue')
    return (values) => values.some((value) => value !== '' && satisfies(value));
  return ([value]) => (value === undefined ? negated || ifExists !== undefined : satisfies(value));
}

function nullTest(wanted: readonly string[]): ValuesTest {
  const wrong = wanted.find((value) => value !== 'true' && value !== 'false');
  if (wrong !== undefined) throw new ConditionRefused(`Null must be true or false, not '${wrong}'`);
  return ({ length }) => wanted.includes(length === 0 ? 'true' : 'false');
}

function conditionOf(operator: string, key: string, wanted: readonly string[]): Condition {
  const test = operator === 'Null' ? nullTest(wanted) : stringTest(operator, wanted);
  const { name, values } = contextKeyOf(key);
  if (name === 'TagKeys' && operator.startsWith('String'))
    throw new ConditionRefused(
      `${operator} needs ForAllValues: or ForAnyValue: before it for ${key}, which has many values`,
    );
  return {
    asksResourceTags: name === 'ResourceTag',
    holds: (context) => test(values(context)),
  };
}

const conditionValue = z.union([z.string(), z.boolean().transform(String)], 'must be a string');

const conditionValues = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(conditionValue).min(1, 'must have a value'),
);

/**
 * An empty object would be a condition that always holds, which nobody writes on purpose. Zod's record
 * passes over `__proto__`, which would lose a condition.
 */
const nonEmptyRecord = <V extends z.ZodType>(values: V) =>
  z
    .unknown()
    .refine((value) => !Object.hasOwn(Object(value), '__proto__'), 'must not have __proto__')
    .pipe(z.record(z.string(), values, 'must be an object'))
    .refine((record) => Object.keys(record).length > 0, 'must not be empty');

/**
 * The Condition element of a statement: operators, their keys, their values. A condition that can't
 * be evaluated is an issue that names it, because one that was ignored would allow what it forbids.
 */
export const conditionElement = nonEmptyRecord(nonEmptyRecord(conditionValues)).transform(
  (element, context): readonly Condition[] => {
    try {
      return Object.entries(element).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) => conditionOf(operator, key, values)),
      );
    } catch (error) {
      if (!(error instanceof ConditionRefused)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  },
);
