import { parse } from 'date-fns/parse';
import { fieldValue, ObjectRefusedError } from './object-keys.ts';
import type { ObjectTypeMapping } from './object-type.ts';
import type { ObjectDocument } from './object-values.ts';

/** The field by which an object says when its source changed it (Amazon's guide). */
const FIELD = 'sourceLastUpdatedTimestamp';

/** A text in quotes, in which letters are letters, or a run of one letter. */
const token = /'[^']{0,255}'|Z{1,9}|[A-Za-z]/g;
const zoned = /^[XZ]/;
/** Years of weeks and days of years: nearly always meant to be `y` and `d`. */
const confusing = /^[YD]/;

/**
 * Reads a time by a pattern of Java's SimpleDateFormat such as `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`; without a
 * zone it is UTC. Undefined when the text isn't of that form, or the pattern isn't one.
 *
 * @returns milliseconds since the epoch.
 */
export function parseJavaDate(pattern: string, text: string): number | undefined {
  const parts: readonly string[] = pattern.match(token) ?? [];
  if (parts.some((part) => confusing.test(part))) return undefined;
  const hasZone = parts.some((part) => zoned.test(part));
  // The library has Java's letters, but for this one.
  const format = pattern.replace(token, (part) => (part.startsWith('Z') ? 'xx' : part));
  try {
    const date = hasZone
      ? parse(text, format, new Date(0))
      : parse(`${text}Z`, `${format}X`, new Date(0));
    const time = date.getTime();
    return Number.isNaN(time) ? undefined : time;
  } catch {
    return undefined;
  }
}

/**
 * When an object's source changed it last, where its type has a field for that; null where it hasn't,
 * or the object doesn't say.
 *
 * @throws ObjectRefusedError when what it says is no time in the type's format.
 */
export function sourceTimestamp(mapping: ObjectTypeMapping, object: ObjectDocument): number | null {
  if (!Object.hasOwn(mapping.Fields, FIELD)) return null;
  const text = fieldValue(mapping, object, FIELD);
  if (text === undefined) return null;
  const format = mapping.SourceLastUpdatedTimestampFormat;
  const time = format === undefined ? Date.parse(text) : parseJavaDate(format, text);
  if (time === undefined || Number.isNaN(time))
    throw new ObjectRefusedError(
      `The value of ${FIELD} is no time${format === undefined ? '' : ` in the format ${format}`}`,
    );
  return time;
}
