import * as z from 'zod';

/**
 * The building blocks of the API's shapes, as Zod schemas that report problems in the API's own
 * words. Each constructor also records what it was made from in {@link shapeInfo}, so that routing,
 * decoding, the comparison with the official SDK and later the OpenAPI document read one source.
 *
 * Two kinds of problem leave here: a wrong JSON type (the issue has `params.serialization`) and a
 * violated constraint of the model (`params.constraint`). Every constraint issue sets `continue`, so
 * that one answer names all of them.
 */
export type ShapeKind =
  | 'string'
  | 'integer'
  | 'long'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'list'
  | 'map'
  | 'structure';

/** Where a member of an operation's input travels; `status` is for outputs: the HTTP status. */
export type MemberLocation =
  | { in: 'body' }
  | { in: 'label' }
  | { in: 'query'; name: string }
  | { in: 'status' };

export interface ShapeInfo {
  readonly kind: ShapeKind;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly pattern?: RegExp | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly sensitive?: boolean;
  readonly optional?: boolean;
  readonly location?: MemberLocation;
  /** The schema of a list's items or of a map's values. */
  readonly member?: z.ZodType;
  readonly key?: z.ZodType;
  readonly members?: Readonly<Record<string, z.ZodType>>;
}

/** What an issue of these schemas carries in `params`. */
export type IssueParams = {
  /** Which entry of the outermost list or map on its path it is in, from 0. */
  readonly entry?: number;
} & ({ readonly serialization: string } | { readonly constraint: string });

/**
 * How many problems of one list or map, or of a whole input, are looked for and told: a request must
 * not be able to ask for a million of them.
 */
export const PROBLEMS_MAX = 100;

const shapes = new WeakMap<z.ZodType, ShapeInfo>();

/** What a schema of this module was made from. Throws for a schema made elsewhere. */
export function shapeInfo(schema: z.ZodType): ShapeInfo {
  const info = shapes.get(schema);
  if (info === undefined) throw new TypeError('this schema was not made by model/shapes');
  return info;
}

function register<S extends z.ZodType>(schema: S, info: ShapeInfo): S {
  shapes.set(schema, info);
  return schema;
}

function variant<S extends z.ZodType>(schema: S, more: Partial<ShapeInfo>): S {
  return register(schema.clone(), { ...shapeInfo(schema), ...more });
}

const wrongType = (wanted: string) => ({ error: `must be ${wanted}` });

type Payload = { value: unknown; issues: z.core.$ZodRawIssue[] };

function violate(payload: Payload, constraint: string): void {
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    params: { constraint },
    continue: true,
  });
}

function refuse(payload: Payload, serialization: string): void {
  payload.issues.push({ code: 'custom', input: payload.value, params: { serialization } });
}

/** Violations of a size, in the words that the service's family has used for a decade. */
function checkLength(payload: Payload, length: number, limits: { min?: number; max?: number }) {
  if (limits.min !== undefined && length < limits.min)
    violate(payload, `Member must have length greater than or equal to ${limits.min}`);
  if (limits.max !== undefined && length > limits.max)
    violate(payload, `Member must have length less than or equal to ${limits.max}`);
}

/**
 * How long a string is to the API: Unicode code points, not UTF-16 units (Smithy's rule).
 */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

interface StringLimits {
  /** Code points. */
  min?: number;
  /** Code points. */
  max?: number;
  /** As in the model, that is: not anchored unless it says so. */
  pattern?: RegExp;
}

/**
 * A string. Text with NUL or a lone surrogate is no text that every store and client can hold, so it
 * is refused as a malformed document.
 */
export function string(limits: StringLimits = {}): z.ZodType<string> {
  const schema = z.string(wrongType('a string')).check((payload) => {
    const text = payload.value;
    if (!text.isWellFormed() || text.includes('\0')) {
      refuse(payload, 'must be well-formed Unicode text without NUL');
      return;
    }
    // A code point is one or two UTF-16 units: most texts need no counting.
    const { min, max, pattern } = limits;
    if ((min !== undefined && text.length < 2 * min) || (max !== undefined && text.length > max))
      checkLength(payload, codePointLength(text), limits);
    // A text that is far too long is told so: matching it might take the square of its length.
    if (max !== undefined && text.length > 2 * max) return;
    if (pattern !== undefined && !pattern.test(text))
      violate(payload, `Member must satisfy regular expression pattern: ${pattern.source}`);
  });
  return register(schema, { kind: 'string', ...limits });
}

/** A string that must be one of the model's values. */
export function enumeration<const V extends string>(...values: V[]): z.ZodType<V> {
  const schema = z.string(wrongType('a string')).check((payload) => {
    if (!(values as string[]).includes(payload.value))
      violate(payload, `Member must satisfy enum value set: [${values.join(', ')}]`);
  });
  // The check above is what makes the text one of V.
  return register(schema as unknown as z.ZodType<V>, { kind: 'string', enum: values });
}

function number(
  kind: 'integer' | 'long' | 'double',
  base: z.ZodNumber,
  limits: { min?: number; max?: number },
): z.ZodType<number> {
  const schema = base.check((payload) => {
    if (limits.min !== undefined && payload.value < limits.min)
      violate(payload, `Member must have value greater than or equal to ${limits.min}`);
    if (limits.max !== undefined && payload.value > limits.max)
      violate(payload, `Member must have value less than or equal to ${limits.max}`);
  });
  return register(schema, { kind, ...limits });
}

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** A 32-bit integer; `1.0` and `1e2` are integers, `1.5` and `"1"` are malformed. */
export function integer(limits: { min?: number; max?: number } = {}): z.ZodType<number> {
  const wanted = wrongType('a 32-bit integer');
  return number(
    'integer',
    z.number(wanted).int(wanted).min(INT32_MIN, wanted).max(INT32_MAX, wanted),
    limits,
  );
}

/** An integer of up to 53 bits, the most that a JSON number carries exactly. */
export function long(limits: { min?: number; max?: number } = {}): z.ZodType<number> {
  const wanted = wrongType('an integer');
  return number('long', z.number(wanted).int(wanted), limits);
}

/** A finite double: no member of this service has a use for NaN or the infinities. */
export function double(limits: { min?: number; max?: number } = {}): z.ZodType<number> {
  return number('double', z.number(wrongType('a number')), limits);
}

export function boolean(): z.ZodType<boolean> {
  return register(z.boolean(wrongType('true or false')), { kind: 'boolean' });
}

/** Seconds since the epoch, with milliseconds as the fraction. */
export function timestamp(): z.ZodType<number> {
  return register(z.number(wrongType('a number of seconds since the epoch')), {
    kind: 'timestamp',
  });
}

/** The problems of an item or entry, with its place in front. */
function adopt(
  payload: Payload,
  place: PropertyKey,
  entry: number,
  issues: readonly z.core.$ZodIssue[],
): void {
  for (const issue of issues) {
    const params = issue.code === 'custom' ? issue.params : { serialization: issue.message };
    payload.issues.push({
      code: 'custom',
      input: payload.value,
      path: [place, ...issue.path],
      params: { entry, ...params },
      continue: true,
    });
  }
}

/** A list; `limits` count its items. */
export function list<S extends z.ZodType>(
  member: S,
  limits: { min?: number; max?: number } = {},
): z.ZodType<z.output<S>[]> {
  const schema = z.unknown().transform((input, context): z.output<S>[] => {
    if (!Array.isArray(input)) {
      refuse(context, 'must be a list');
      return z.NEVER;
    }
    checkLength(context, input.length, limits);
    const result: z.output<S>[] = [];
    for (const [index, item] of input.slice(0, limits.max).entries()) {
      const parsed = member.safeParse(item);
      if (parsed.success) result.push(parsed.data);
      else adopt(context, index, index, parsed.error.issues);
      if (context.issues.length >= PROBLEMS_MAX) break;
    }
    return result;
  });
  return register(schema, { kind: 'list', member, ...limits });
}

/**
 * A map from strings; `limits` count its entries. The result has no prototype, so that `__proto__`
 * and `constructor` are keys like any other.
 */
export function map<V>(
  key: z.ZodType<string>,
  value: z.ZodType<V>,
  limits: { min?: number; max?: number } = {},
): z.ZodType<Record<string, V>> {
  const schema = z.unknown().transform((input, context): Record<string, V> => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      refuse(context, 'must be an object');
      return z.NEVER;
    }
    const result: Record<string, V> = Object.create(null);
    const entries = Object.entries(input);
    checkLength(context, entries.length, limits);
    for (const [index, [name, item]] of entries.slice(0, limits.max).entries()) {
      const parsedKey = key.safeParse(name);
      if (!parsedKey.success) adopt(context, name, index, parsedKey.error.issues);
      const parsed = value.safeParse(item);
      if (parsed.success) result[name] = parsed.data;
      else adopt(context, name, index, parsed.error.issues);
      if (context.issues.length >= PROBLEMS_MAX) break;
    }
    return result;
  });
  return register(schema, { kind: 'map', key, member: value, ...limits });
}

/** A structure. Unknown members are ignored, as restJson1 asks of servers. */
export function structure<M extends Record<string, z.ZodType>>(members: M) {
  return register(z.object(members, wrongType('an object')), { kind: 'structure', members });
}

/** A member that may be absent; `null` is the same as absent (restJson1). */
export function optional<S extends z.ZodType>(member: S) {
  const schema = z.preprocess((value) => (value === null ? undefined : value), member.optional());
  return register(schema, { ...shapeInfo(member), optional: true });
}

/**
 * A member of an output that the model requires, and that the API's documentation says may be null all
 * the same. It is then left out, as restJson1 does with null.
 */
export function nullable<S extends z.ZodType>(member: S) {
  return register(member.optional(), shapeInfo(member));
}

/** Marks what the model marks `sensitive`: no error message repeats its value. */
export function sensitive<S extends z.ZodType>(schema: S): S {
  return variant(schema, { sensitive: true });
}

/** A member that travels in the path. */
export function label<S extends z.ZodType>(schema: S): S {
  return variant(schema, { location: { in: 'label' } });
}

/** A member that travels in the query string under `name`. */
export function query<S extends z.ZodType>(name: string, schema: S): S {
  return variant(schema, { location: { in: 'query', name } });
}

/** A member of an output that travels as the HTTP status of the answer. */
export function status<S extends z.ZodType>(schema: S): S {
  return variant(schema, { location: { in: 'status' } });
}
