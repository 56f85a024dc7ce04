import type * as z from 'zod';
import { badRequest } from '../model/errors.ts';
import { type ShapeInfo, shapeInfo } from '../model/shapes.ts';
import { malformed } from './errors.ts';
import { inputProblems, violationMessage } from './violations.ts';

/** The parts of a request that carry an operation's input. */
export interface RequestParts {
  /** Decoded labels of the path, by member name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Whether an operation reads a request body at all. */
export function hasBodyMembers(input: z.ZodType): boolean {
  const members = Object.values(shapeInfo(input).members ?? {});
  return members.some((member) => shapeInfo(member).location === undefined);
}

/** A query text as the JSON value of its shape; text that isn't one is malformed (restJson1). */
function scalarValue(name: string, text: string, { kind }: ShapeInfo): unknown {
  switch (kind) {
    case 'integer':
    case 'long':
      if (!/^[+-]?[0-9]{1,16}$/.test(text))
        throw malformed(`Query parameter '${name}' must be an integer.`);
      return Number(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false')
        throw malformed(`Query parameter '${name}' must be true or false.`);
      return text === 'true';
    default:
      return text;
  }
}

/**
 * A member of the query; undefined when it isn't there. Each parameter of its name is an item of a
 * list, whereas a scalar has the value of the first (Smithy).
 */
function queryValue(query: URLSearchParams, name: string, info: ShapeInfo): unknown {
  const texts = query.getAll(name);
  const [first] = texts;
  if (first === undefined) return undefined;
  if (info.kind !== 'list' || info.member === undefined) return scalarValue(name, first, info);
  const item = shapeInfo(info.member);
  return texts.map((text) => scalarValue(name, text, item));
}

/**
 * The input of an operation, from the parts of its request: types first, then every constraint of
 * the model.
 *
 * @throws ProtocolError SerializationException when a member has the wrong JSON type.
 * @throws ServiceError BadRequestException that names every violated constraint.
 */
export function decodeInput<S extends z.ZodType>(input: S, request: RequestParts): z.output<S> {
  // Spreading copies an own `__proto__` as a member, where assigning would set the prototype.
  const raw: Record<string, unknown> = { ...request.body };
  for (const [member, schema] of Object.entries(shapeInfo(input).members ?? {})) {
    const info = shapeInfo(schema);
    if (info.location?.in === 'label') raw[member] = request.labels[member];
    else if (info.location?.in === 'query')
      raw[member] = queryValue(request.query, info.location.name, info);
  }
  return parseInput(input, raw);
}

/**
 * An input whose members are all in one place.
 *
 * @throws as {@link decodeInput}.
 */
export function parseInput<S extends z.ZodType>(input: S, raw: unknown): z.output<S> {
  const parsed = input.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = inputProblems(input, raw, parsed.error.issues);
  if (problems.malformed.length > 0) throw malformed(problems.malformed.join(' '));
  throw badRequest(violationMessage(problems.violations));
}
