import type { z } from 'zod';
import { badRequest } from '../model/errors.ts';
import { type ShapeInfo, shapeInfo } from '../model/shapes.ts';
import { malformed } from './errors.ts';
import { parseDocument } from './json.ts';
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

/**
 * The tags that a request gives to something, for policies that depend on them. They are read before
 * the request is known to be allowed: one that is malformed gives none, and is refused later.
 */
export function tagsOf(input: z.ZodType, body: Uint8Array): Readonly<Record<string, string>> {
  const { members = {} } = shapeInfo(input);
  const name = ['Tags', 'tags'].find((member) => Object.hasOwn(members, member));
  if (name === undefined) return {};
  let tags: unknown;
  try {
    tags = parseDocument(body)[name];
  } catch {
    return {};
  }
  if (typeof tags !== 'object' || tags === null) return {};
  const result: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(tags))
    if (typeof value === 'string') result[key] = value;
  return result;
}

/** A query value as the JSON value of its shape; text that isn't one is malformed (restJson1). */
function queryValue(name: string, text: string, info: ShapeInfo): unknown {
  switch (info.kind) {
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
    else if (info.location?.in === 'query') {
      const { name } = info.location;
      // A repeated scalar parameter counts once, with its first value (Smithy).
      const text = request.query.get(name);
      raw[member] = text === null ? undefined : queryValue(name, text, info);
    }
  }
  const parsed = input.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = inputProblems(input, raw, parsed.error.issues);
  if (problems.malformed.length > 0) throw malformed(problems.malformed.join(' '));
  throw badRequest(violationMessage(problems.violations));
}
