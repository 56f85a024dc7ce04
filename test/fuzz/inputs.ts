import fc from 'fast-check';
import type * as z from 'zod';
import { codePointLength, type ShapeInfo, shapeInfo } from '../../src/model/shapes.ts';
import { hostileName, hostileText, junk, SECRET } from './hostile.ts';

/** Where in an input a value stands. */
export interface Place {
  /** Within a sensitive member. */
  readonly isSecret: boolean;
  /** What values of this member name something that is there: names of domains, ids, keys. */
  readonly likely: readonly string[];
  /** Within an item of a list. */
  readonly isInList?: boolean;
}

/** By the name of a member: values that are there to be found, so that requests get far. */
export type Likely = Readonly<Record<string, readonly string[]>>;

const LONG_LIST_ITEMS = 25;

/** Cuts or pads a text to a length in code points. */
function fitted(text: string, { min = 0, max }: ShapeInfo): string {
  const points = [...text];
  while (points.length < min) points.push('x');
  return points.slice(0, max).join('');
}

export function satisfies(text: string, info: ShapeInfo): boolean {
  const { min = 0, max = Infinity, pattern, enum: values } = info;
  const length = codePointLength(text);
  const isLegal = text.isWellFormed() && !text.includes('\0');
  const isKnown = values?.includes(text) ?? true;
  return isLegal && isKnown && length >= min && length <= max && (pattern?.test(text) ?? true);
}

/** Texts for a shape with a pattern: names where it lets them be, and whatever else matches. */
function matchingText(info: ShapeInfo, pattern: RegExp): fc.Arbitrary<string> {
  const fits = (text: string) => satisfies(text, info);
  // fast-check makes no texts for assertions about what doesn't follow; the filter keeps them.
  const plain = new RegExp(pattern.source.replace(/\(\?![^)]*\)/g, ''));
  const matching = fc.stringMatching(plain).filter(fits);
  return fits('constructor') ? fc.oneof(hostileName.filter(fits), matching) : matching;
}

function anyText(info: ShapeInfo): fc.Arbitrary<string> {
  const { max = 1000 } = info;
  const points = fc.constantFrom('x', '😀', '\u{1d160}', '\ufb2c', 'İ');
  const longest = points.map((point) => point.repeat(Math.min(max, 1000)));
  const text = fc.oneof(
    { weight: 4, arbitrary: hostileName },
    { weight: 12, arbitrary: hostileText },
    { weight: 1, arbitrary: longest },
  );
  return text.map((made) => fitted(made, info));
}

function validText(info: ShapeInfo, { isSecret, likely }: Place): fc.Arbitrary<string> {
  if (info.enum !== undefined) return fc.constantFrom(...info.enum);
  const fits = (text: string) => satisfies(text, info);
  const text = info.pattern === undefined ? anyText(info) : matchingText(info, info.pattern);
  const known = likely.filter(fits);
  if (known.length > 0) return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, text);
  // Not all of it: what must be told apart by its beginning would no longer be.
  if (isSecret) return fc.oneof(text, text.map((made) => fitted(SECRET + made, info)).filter(fits));
  return text;
}

function validNumber({ kind, min, max }: ShapeInfo): fc.Arbitrary<number> {
  if (kind === 'double' || kind === 'timestamp')
    return fc.double({ min: min ?? -1e300, max: max ?? 1e300, noNaN: true });
  const bound = kind === 'integer' ? 2 ** 31 : Number.MAX_SAFE_INTEGER;
  return fc.integer({ min: min ?? -bound, max: max ?? bound - 1 });
}

function validList(info: ShapeInfo, member: z.ZodType, place: Place, likely: Likely) {
  const item = validValue(member, { ...place, isInList: true }, likely);
  const { min = 0, max = LONG_LIST_ITEMS } = info;
  const few = fc.array(item, { minLength: min, maxLength: Math.min(max, min + 3) });
  // Long lists of long lists would be more than a body may have.
  if (info.max === undefined && place.isInList) return few;
  const full = fc.tuple(item, item).map((two) => Array.from({ length: max }, (_, n) => two[n % 2]));
  return fc.oneof({ weight: 15, arbitrary: few }, full);
}

function validMap(info: ShapeInfo, key: z.ZodType, member: z.ZodType, place: Place) {
  const { min = 0, max = 50 } = info;
  const anyKey = validValue(key, place, {});
  const isFree = satisfies('__proto__', shapeInfo(key));
  // The key that code without care for it loses.
  const name = isFree
    ? fc.oneof({ weight: 4, arbitrary: anyKey }, fc.constant('__proto__'))
    : anyKey;
  return fc
    .uniqueArray(fc.tuple(name, validValue(member, place, {})), {
      selector: ([own]) => own,
      minLength: min,
      maxLength: Math.min(max, min + 4),
    })
    .map((entries): unknown => Object.fromEntries(entries as [string, unknown][]));
}

/** Members that no shape knows, of names that JavaScript does know. */
const unknownMembers = fc.oneof(
  { weight: 5, arbitrary: fc.constant<[string, unknown][]>([]) },
  fc.array(fc.tuple(hostileName, junk), { minLength: 1, maxLength: 3 }),
);

function validStructure(info: ShapeInfo, place: Place, likely: Likely) {
  const members = Object.entries(info.members ?? {});
  const arbitraries = members.map(([name, schema]) => {
    const member = shapeInfo(schema);
    const value = validValue(schema, { ...place, likely: likely[name] ?? [] }, likely);
    const isNullable = member.optional && member.location === undefined;
    return [name, isNullable ? fc.option(value, { freq: 15 }) : value] as const;
  });
  const required = members.filter(([, schema]) => !shapeInfo(schema).optional);
  return fc
    .tuple(
      unknownMembers,
      fc.record(Object.fromEntries(arbitraries), { requiredKeys: required.map(([name]) => name) }),
    )
    .map(([unknown, known]): unknown =>
      // Assigning `__proto__` would set the prototype.
      Object.fromEntries([...unknown, ...Object.entries(known)]),
    );
}

/** Any JSON value that the shape takes, with content that is hostile to whatever handles it. */
export function validValue(schema: z.ZodType, place: Place, likely: Likely): fc.Arbitrary<unknown> {
  const info = shapeInfo(schema);
  const inside = { ...place, isSecret: place.isSecret || (info.sensitive ?? false) };
  switch (info.kind) {
    case 'string':
      return validText(info, inside);
    case 'boolean':
      return fc.boolean();
    case 'structure':
      return validStructure(info, inside, likely);
    case 'list':
      return validList(info, info.member as z.ZodType, inside, likely);
    case 'map':
      return validMap(info, info.key as z.ZodType, info.member as z.ZodType, inside);
    default:
      return validNumber(info);
  }
}
