import fc from 'fast-check';
import type * as z from 'zod';
import { type ShapeInfo, shapeInfo } from '../../src/model/shapes.ts';
import { hostileText, illegalText, SECRET, SECRET_NUMBER } from './hostile.ts';
import { type Likely, type Place, satisfies, validValue } from './inputs.ts';

type Input = Record<string, unknown>;

/** Values of every JSON type; which of them a shape takes is for {@link wrongType} to say. */
function ofEveryType(isSecret: boolean): readonly unknown[] {
  return isSecret
    ? [SECRET, SECRET_NUMBER, [SECRET], { [SECRET]: SECRET }, [[SECRET_NUMBER]]]
    : ['', 'text', '1', 'true', 0, -1, 1.5, 1e300, true, false, [], [null], {}, { length: 1 }];
}

function hasType({ kind }: ShapeInfo, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'structure':
      return typeof value === 'object' && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
    case 'long':
      return Number.isSafeInteger(value);
    default:
      return typeof value === 'number';
  }
}

function wrongType(info: ShapeInfo, isSecret: boolean): fc.Arbitrary<unknown> {
  return fc.constantFrom(...ofEveryType(isSecret).filter((value) => !hasType(info, value)));
}

/** Texts that violate a constraint of the shape; none for a shape without any. */
function brokenTexts(info: ShapeInfo, isSecret: boolean): fc.Arbitrary<string>[] {
  const hide = (text: string) => (isSecret ? SECRET + text : text);
  if (info.enum !== undefined) {
    const others = hostileText.map(hide).filter((text) => !info.enum?.includes(text));
    return [others];
  }
  const { min = 0, max, pattern } = info;
  const broken: fc.Arbitrary<string>[] = [];
  if (min > 0) broken.push(fc.constant(''));
  if (min > 1) broken.push(fc.constant('x'.repeat(min - 1)));
  if (max !== undefined) {
    const excess = fc.constantFrom(1, 2, 100_000);
    const point = fc.constantFrom('x', '😀', '\u0301');
    broken.push(fc.tuple(point, excess).map(([x, more]) => hide(x.repeat(max + more))));
  }
  // `/.*/` is a pattern that nothing violates.
  if (pattern !== undefined && !pattern.test(''))
    broken.push(hostileText.map(hide).filter((text) => !satisfies(text, info)));
  return broken;
}

function brokenNumbers({ kind, min, max }: ShapeInfo): fc.Arbitrary<unknown>[] {
  const broken: unknown[] = [];
  if (min !== undefined) broken.push(min - 1, -(2 ** 31), -1e300);
  if (max !== undefined) broken.push(max + 1, 2 ** 31 - 1, 1e300);
  if (kind === 'integer') broken.push(2 ** 31, -(2 ** 31) - 1, 1e21, (min ?? 0) + 0.5);
  if (kind === 'long') broken.push(2 ** 53, 1e300, 0.5);
  return broken.length > 0 ? [fc.constantFrom(...broken)] : [];
}

function brokenList(info: ShapeInfo, place: Place, likely: Likely): fc.Arbitrary<unknown>[] {
  const { min = 0, max } = info;
  const schema = info.member as z.ZodType;
  const item = validValue(schema, place, likely);
  const worse = fc.oneof(fc.constant(null), brokenValue(schema, place, likely));
  const around = fc.array(item, { maxLength: Math.min((max ?? 3) - 1, 3) });
  const broken: fc.Arbitrary<unknown>[] = [
    fc.tuple(around, worse).map(([items, bad]) => [...items, bad]),
    fc.tuple(worse, around).map(([bad, items]) => [bad, ...items]),
  ];
  if (min > 0) broken.push(fc.constant([]));
  if (max !== undefined)
    broken.push(
      fc.tuple(item, fc.constantFrom(1, 1000)).map(([one, more]) => Array(max + more).fill(one)),
    );
  return broken;
}

function brokenMap(info: ShapeInfo, place: Place): fc.Arbitrary<unknown>[] {
  const key = info.key as z.ZodType;
  const value = info.member as z.ZodType;
  const keyInfo = shapeInfo(key);
  const validKey = validValue(key, place, {}) as fc.Arbitrary<string>;
  const valid = validValue(value, place, {});
  const { min = 0, max } = info;
  const worse = fc.oneof(fc.constant(null), brokenValue(value, place, {}));
  const badKeys = [illegalText, ...brokenTexts(keyInfo, place.isSecret)];
  const broken: fc.Arbitrary<unknown>[] = [
    fc.tuple(validKey, worse).map((entry) => Object.fromEntries([entry])),
    fc.tuple(fc.oneof(...badKeys), valid).map((entry) => Object.fromEntries([entry])),
  ];
  if (min > 0) broken.push(fc.constant({}));
  if (max !== undefined)
    broken.push(
      valid.map((one) =>
        Object.fromEntries(Array.from({ length: max + 1 }, (_, n) => [`k${'.'.repeat(n)}`, one])),
      ),
    );
  return broken;
}

/** There is more to break in a list, a map or a structure than in a text. */
function weight({ kind }: ShapeInfo): number {
  return kind === 'list' || kind === 'map' || kind === 'structure' ? 4 : 1;
}

/** Valid but for one member, which is broken or missing. */
function brokenStructure(
  schema: z.ZodType,
  place: Place,
  likely: Likely,
): fc.WeightedArbitrary<Input>[] {
  const valid = validValue(schema, place, likely) as fc.Arbitrary<Input>;
  return Object.entries(shapeInfo(schema).members ?? {}).flatMap(([name, memberSchema]) => {
    const info = shapeInfo(memberSchema);
    const member = brokenMember(memberSchema, place, likely);
    const broken: fc.WeightedArbitrary<Input>[] = [];
    if (member !== undefined)
      broken.push({
        weight: weight(info),
        arbitrary: fc.tuple(valid, member).map(([input, bad]) => ({ ...input, [name]: bad })),
      });
    if (!info.optional && info.location === undefined)
      broken.push(
        { weight: 1, arbitrary: valid.map((input) => ({ ...input, [name]: null })) },
        { weight: 1, arbitrary: valid.map(({ [name]: _, ...input }) => input) },
      );
    return broken;
  });
}

/** What travels in the path and in the query is text, of which only so much can be broken. */
function brokenMember(schema: z.ZodType, place: Place, likely: Likely) {
  const info = shapeInfo(schema);
  if (info.location === undefined) return brokenValue(schema, place, likely);
  const broken = (text: ShapeInfo) =>
    fc.oneof(fc.constant('\0'), ...brokenTexts(text, place.isSecret));
  if (info.kind === 'string') return broken(info);
  if (info.kind === 'list') {
    const item = info.member as z.ZodType;
    const items = fc.array(validValue(item, place, likely), { maxLength: 3 });
    const worse = fc.tuple(items, broken(shapeInfo(item))).map(([good, bad]) => [...good, bad]);
    const tooMany = Array((info.max ?? 0) + 1).fill('x');
    return fc.oneof(worse, fc.constantFrom([], tooMany));
  }
  if (info.kind !== 'integer' && info.kind !== 'long') return undefined;
  const texts = fc.constantFrom(
    '',
    ' ',
    'x',
    '1x',
    '0x1',
    '1.0',
    '1e0',
    'NaN',
    '9'.repeat(17),
    '٣',
  );
  return fc.oneof(texts, ...brokenNumbers(info));
}

/** A JSON value that the shape refuses, for any reason that it can have. */
export function brokenValue(
  schema: z.ZodType,
  place: Place,
  likely: Likely,
): fc.Arbitrary<unknown> {
  const info = shapeInfo(schema);
  const isSecret = place.isSecret || (info.sensitive ?? false);
  const inside = { ...place, isSecret };
  const wrong = wrongType(info, isSecret);
  switch (info.kind) {
    case 'string': {
      const texts = info.enum === undefined ? [illegalText] : [];
      return fc.oneof(wrong, ...texts, ...brokenTexts(info, isSecret));
    }
    case 'structure':
      return fc.oneof(wrong, fc.oneof(...brokenStructure(schema, inside, likely)));
    case 'list':
      return fc.oneof(wrong, ...brokenList(info, inside, likely));
    case 'map':
      return fc.oneof(wrong, ...brokenMap(info, inside));
    case 'boolean':
      return wrong;
    default:
      return fc.oneof(wrong, ...brokenNumbers(info));
  }
}

/** An input of an operation that has at least one problem. */
export function brokenInput(schema: z.ZodType, likely: Likely): fc.Arbitrary<Input> {
  const place: Place = { isSecret: false, likely: [] };
  return fc.oneof(...brokenStructure(schema, place, likely));
}
