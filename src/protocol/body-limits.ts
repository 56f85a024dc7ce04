import type * as z from 'zod';
import { shapeInfo } from '../model/shapes.ts';

/**
 * The largest body of any operation. The model's largest inputs are a layout of 2,000,000 characters
 * and a batch of ten objects of 256,000.
 */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** For spaces between the values, and for members that the service doesn't know. */
const MARGIN_BYTES = 16 * 1024;
/** Of strings that the model bounds by a pattern or not at all: ids and tokens. */
const UNBOUNDED_STRING_CHARACTERS = 1024;
/** A character outside the basic plane as JSON writes it in ASCII: two escapes of six bytes. */
const CHARACTER_BYTES_MAX = 12;
/** Quotes, the colon or comma, a sign, a number's digits. */
const VALUE_BYTES = 32;

function valueBytesMax(schema: z.ZodType): number {
  const { kind, max = Number.POSITIVE_INFINITY, enum: values, ...info } = shapeInfo(schema);
  switch (kind) {
    case 'string': {
      const longest = values && Math.max(...values.map((value) => value.length));
      const characters = longest ?? (Number.isFinite(max) ? max : UNBOUNDED_STRING_CHARACTERS);
      return characters * CHARACTER_BYTES_MAX + VALUE_BYTES;
    }
    case 'list':
    case 'map': {
      const key = info.key === undefined ? 0 : valueBytesMax(info.key);
      const value = info.member === undefined ? 0 : valueBytesMax(info.member);
      return VALUE_BYTES + max * (key + value);
    }
    case 'structure':
      return Object.entries(info.members ?? {})
        .filter(([, member]) => shapeInfo(member).location === undefined)
        .reduce(
          (bytes, [name, member]) => bytes + name.length + VALUE_BYTES + valueBytesMax(member),
          VALUE_BYTES,
        );
    default:
      return VALUE_BYTES;
  }
}

/**
 * How large the body of an operation's request may be: as large as the model lets its input become
 * in JSON, however it is written. An input without bounds gets {@link BODY_BYTES_MAX}.
 */
export function bodyBytesMax(input: z.ZodType): number {
  return Math.min(BODY_BYTES_MAX, MARGIN_BYTES + valueBytesMax(input));
}
