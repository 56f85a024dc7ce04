import { JSON_DEPTH_MAX, nestingDepth } from '../model/json-depth.ts';
import type { ExportedProfile } from './exported-profile.ts';
import { RowRefusedError } from './imported-profile.ts';

/** How many profiles one answer may have: SearchProfiles gives up to 100. */
const ANSWER_PROFILES_MAX = 1_000;

/** A line of an exported file, its end included. */
export function toLine(profile: ExportedProfile): string {
  return `${JSON.stringify(profile)}\n`;
}

function parse(text: string): unknown {
  if (nestingDepth(text) > JSON_DEPTH_MAX)
    throw new RowRefusedError(`The line nests deeper than ${JSON_DEPTH_MAX} levels.`);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the line.
    throw new RowRefusedError('The line is not valid JSON.');
  }
}

/** What a line holds, unchecked. */
export interface Line {
  readonly profiles: readonly unknown[];
  /** Whether it is an answer that holds them, and not a profile itself. */
  readonly isAnswer: boolean;
}

/**
 * Reads a line: a profile, or an answer of SearchProfiles (`Items`) or BatchGetProfile (`Profiles`), whatever
 * else the answer has.
 *
 * @throws RowRefusedError when it is neither.
 */
export function parseLine(text: string): Line {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RowRefusedError('The line must be a JSON object.');
  const name = ['Items', 'Profiles'].find((member) => Object.hasOwn(value, member));
  if (name === undefined) return { profiles: [value], isAnswer: false };
  // An answer that found nothing may have it as null.
  const list = (value as Readonly<Record<string, unknown>>)[name] ?? [];
  if (!Array.isArray(list)) throw new RowRefusedError(`${name} must be a list.`);
  if (list.length > ANSWER_PROFILES_MAX)
    throw new RowRefusedError(`The line has more than ${ANSWER_PROFILES_MAX} profiles.`);
  return { profiles: list, isAnswer: true };
}
