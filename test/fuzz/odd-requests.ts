import fc from 'fast-check';
import type { Operation } from '../../src/model/operation.ts';
import { shapeInfo } from '../../src/model/shapes.ts';
import { operations } from '../../src/operations/index.ts';
import { hasBodyMembers } from '../../src/protocol/decode.ts';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { consistent } from './consistent-inputs.ts';
import { encoding, type Request, requestOf } from './encoding.ts';
import { hostileText, illegalText } from './hostile.ts';
import { type Likely, validValue } from './inputs.ts';
import { oddity } from './oddities.ts';
import { kept } from './read-back.ts';

type Input = Record<string, unknown>;

/** Where a page of values ends, in the form that ListObjectTypeAttributeValues reads. */
const valuePosition = fc
  .tuple(
    fc.constantFrom(0, 1_767_225_600_000, 999_999_999_999_999),
    fc.constantFrom(0, 1_767_225_600_000, 999_999_999_999_999),
    fc.constantFrom('0'.repeat(16), 'f'.repeat(16)),
  )
  .map((parts) => parts.join('-'));

/**
 * Valid inputs of an operation. Where it has pages, some carry a token that is this request's own
 * but for the position in it: whoever wants to can make one.
 */
export function validInput({ name, input }: Operation, likely: Likely): fc.Arbitrary<Input> {
  const any = validValue(input, { isSecret: false, likely: [] }, likely) as fc.Arbitrary<Input>;
  const valid = consistent[name]?.(any) ?? any;
  if (shapeInfo(input).members?.NextToken === undefined) return valid;
  const position = fc.oneof(hostileText, illegalText, valuePosition);
  const forged = fc.tuple(valid, position).map(([{ NextToken: _, ...request }, text]) => {
    const token = encodePageToken(name, kept(input, request) as object, text.slice(0, 200));
    return { ...request, NextToken: token };
  });
  return fc.oneof(valid, forged);
}

/**
 * A valid request of an operation with one thing or two about it that no client sends. What it
 * must be answered nobody knows; it may even be accepted.
 */
export function oddRequest(operation: Operation, likely: Likely): fc.Arbitrary<Request> {
  return fc
    .tuple(
      validInput(operation, likely),
      encoding,
      fc.array(oddity, { minLength: 1, maxLength: 2 }),
    )
    .map(([input, how, changes]) =>
      changes.reduce((request, change) => change(request), requestOf(operation, input, how)),
    );
}

/** The methods whose operations all read a body: those of the others ignore one. */
const methodsWithBody = new Set<string>(operations.map(({ method }) => method));
for (const { method, input } of operations)
  if (!hasBodyMembers(input)) methodsWithBody.delete(method);

/** Whether the body of a request has to be refused: it is no JSON object in UTF-8, and not empty. */
export function hasBadDocument({ method, document = '' }: Request): boolean {
  if (document === '' || !methodsWithBody.has(method)) return false;
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(document, 'latin1')));
    return typeof value !== 'object' || value === null || Array.isArray(value);
  } catch {
    return true;
  }
}
