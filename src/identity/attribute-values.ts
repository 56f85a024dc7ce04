import { createHash } from 'node:crypto';
import { codePointLength } from '../model/shapes.ts';

/**
 * Whether a text can be shown as the value of an attribute.
 *
 * @param max code points.
 */
export function isAttributeValue(text: string, max: number): boolean {
  const isShort = text.length <= max || codePointLength(text) <= max;
  return text !== '' && isShort && text.isWellFormed() && !text.includes('\0');
}

/** A value of an attribute, with when it was last seen to be written: milliseconds since the epoch. */
export interface AttributeValue {
  readonly value: string;
  readonly updatedAt: number;
}

/**
 * Where a page of values ends. Values can be longer than a token, and customers' data has no place in a
 * URL: a digest stands for the last of them.
 */
export interface ValuePosition {
  /** What was written after this is left out, so that new values don't move those on later pages. */
  readonly until: number;
  readonly updatedAt: number;
  readonly digest: string;
}

/** Hex digits: enough that two values of one millisecond don't share them by accident. */
const DIGEST_LENGTH = 16;

function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, DIGEST_LENGTH);
}

type Place = Pick<ValuePosition, 'updatedAt' | 'digest'>;

/** Newest first; values of one millisecond in an order that is always the same. */
function compare(a: Place, b: Place): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  if (a.digest === b.digest) return 0;
  return a.digest < b.digest ? -1 : 1;
}

/** The values after a position, or all of them, newest first. */
export function valuesAfter(
  values: Iterable<AttributeValue>,
  position: Place | undefined,
): (AttributeValue & Place)[] {
  const placed = Array.from(values, (value) => ({ ...value, digest: digestOf(value.value) }));
  return placed
    .filter((value) => position === undefined || compare(value, position) > 0)
    .sort(compare);
}

/** A position as text; {@link parsePosition} reads it. */
export function formatPosition({ until, updatedAt, digest }: ValuePosition): string {
  return [until, updatedAt, digest].join('-');
}

const position = /^(\d{1,15})-(\d{1,15})-([0-9a-f]{16})$/;

/** The position that a text says; undefined when it says none. */
export function parsePosition(text: string): ValuePosition | undefined {
  const [, until, updatedAt, digest] = position.exec(text) ?? [];
  if (digest === undefined) return undefined;
  return { until: Number(until), updatedAt: Number(updatedAt), digest };
}
