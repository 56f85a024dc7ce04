import type * as z from 'zod';
import type { ProfileFields } from '../identity/profile-document.ts';
import { list, optional, shapeInfo, string, structure } from '../model/shapes.ts';
import { Profile, standardFields } from '../operations/profiles/shapes.ts';
import { name, requestValueList } from '../operations/shapes.ts';
import { inputProblems, violationMessage } from '../protocol/violations.ts';

/** A key of a profile with values of it: the part of AddProfileKey's input that is not its path. */
const KeyValues = structure({ KeyName: name, Values: requestValueList });

const time = string({ pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/ });

/** The members that CreateProfile, AddProfileKey and the answers of SearchProfiles have, and times. */
const Row = structure({
  // Unlike the API's, anchored: the profile is to have this id.
  ProfileId: optional(string({ pattern: /^[a-f0-9]{32}$/ })),
  ...standardFields,
  Keys: optional(list(KeyValues)),
  RemovedKeys: optional(list(KeyValues)),
  FoundByItems: Profile.shape.FoundByItems,
  CreatedAt: optional(time),
  UpdatedAt: optional(time),
  ExpiresAt: optional(time),
});

/** The names of what a row may have beside a profile's fields. */
export const timeMembers = ['CreatedAt', 'UpdatedAt', 'ExpiresAt'] as const;

export type KeyWithValues = z.output<typeof KeyValues>;

/** A profile as a file has it, checked. Times are milliseconds since the epoch. */
export interface ImportedProfile {
  readonly profileId: string | undefined;
  readonly fields: ProfileFields;
  readonly keys: readonly KeyWithValues[];
  /** Keys that the fields give and the profile doesn't have: somebody has deleted them. */
  readonly removedKeys: readonly KeyWithValues[];
  /** Pairs that have found the profile, of which it isn't told which value did. */
  readonly unclearKeys: number;
  readonly foundBy: readonly KeyWithValues[];
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** A row that can't be imported: the message says why. */
export class RowRefusedError extends Error {
  override readonly name = 'RowRefusedError';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The paths of members that a shape doesn't have: the API passes over them, an import would lose them. */
function* unknownMembers(shape: z.ZodType, value: unknown, path: string): Generator<string> {
  const { kind, members = {}, member } = shapeInfo(shape);
  if (kind === 'structure' && isObject(value)) {
    for (const [name, part] of Object.entries(value)) {
      const known = Object.hasOwn(members, name) ? members[name] : undefined;
      if (known === undefined) yield `${path}${name}`;
      else yield* unknownMembers(known, part, `${path}${name}.`);
    }
  } else if (kind === 'list' && member !== undefined && Array.isArray(value))
    for (const [index, item] of value.entries())
      yield* unknownMembers(member, item, `${path}${index + 1}.`);
}

/** How many of them a message names. */
const NAMED_MAX = 10;

function refuseUnknown(value: unknown): void {
  const unknown: string[] = [];
  for (const path of unknownMembers(Row, value, '')) {
    unknown.push(path);
    if (unknown.length === NAMED_MAX) break;
  }
  if (unknown.length > 0) throw new RowRefusedError(`Unknown members: ${unknown.join(', ')}`);
}

/** Milliseconds of a time; the thirtieth of February is none. */
function readTime(member: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = Date.parse(text);
  const isTime =
    !Number.isNaN(milliseconds) &&
    new Date(milliseconds).toISOString().slice(0, 19) === text.slice(0, 19);
  if (!isTime) throw new RowRefusedError(`${member} is no time: '${text}'`);
  return milliseconds;
}

type FoundBy = NonNullable<z.output<typeof Row>['FoundByItems']>;

/**
 * Of a pair with several values, any may have found the profile: a search with AND repeats all that were
 * asked for. To add them all would give a profile the keys of another.
 */
function clearPairs(items: FoundBy): KeyWithValues[] {
  return items.flatMap(({ KeyName, Values }) =>
    KeyName !== undefined && Values?.length === 1 ? [{ KeyName, Values }] : [],
  );
}

/**
 * Checks a row by the shapes of CreateProfile and AddProfileKey.
 *
 * @throws RowRefusedError that names everything that is wrong with it.
 */
export function readProfile(value: unknown): ImportedProfile {
  refuseUnknown(value);
  const parsed = Row.safeParse(value);
  if (!parsed.success) {
    const { malformed, violations } = inputProblems(Row, value, parsed.error.issues);
    const violated = violations.length > 0 ? [violationMessage(violations)] : [];
    throw new RowRefusedError([...malformed, ...violated].join(' '));
  }
  const { ProfileId, Keys, RemovedKeys, FoundByItems, CreatedAt, UpdatedAt, ExpiresAt, ...fields } =
    parsed.data;
  const foundBy = clearPairs(FoundByItems ?? []);
  return {
    profileId: ProfileId,
    fields,
    keys: Keys ?? [],
    removedKeys: RemovedKeys ?? [],
    foundBy,
    unclearKeys: (FoundByItems ?? []).length - foundBy.length,
    createdAt: readTime('CreatedAt', CreatedAt),
    updatedAt: readTime('UpdatedAt', UpdatedAt),
    expiresAt: readTime('ExpiresAt', ExpiresAt),
  };
}
