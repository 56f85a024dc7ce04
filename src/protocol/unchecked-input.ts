import type { Operation } from '../model/operation.ts';
import { shapeInfo } from '../model/shapes.ts';
import { parseDocument } from './json.ts';

/**
 * What policies ask of a request. They are asked before it is known to be valid, so as not to tell
 * somebody who may not send it what is wrong with it: what is malformed gives nothing here, and is
 * refused later.
 */
export interface UncheckedInput {
  readonly body: Readonly<Record<string, unknown>>;
  /** The tags that the request gives to something. */
  readonly tags: Readonly<Record<string, string>>;
  /** The keys of the tags that it takes away. */
  readonly tagKeys: readonly string[];
}

function documentOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return parseDocument(bytes);
  } catch {
    return {};
  }
}

function textsOf(tags: unknown): Readonly<Record<string, string>> {
  const texts: Record<string, string> = Object.create(null);
  if (typeof tags !== 'object' || tags === null) return texts;
  for (const [key, value] of Object.entries(tags))
    if (typeof value === 'string') texts[key] = value;
  return texts;
}

/** Reads the body only of operations whose policies may depend on it. */
export function uncheckedInput(
  { input, resourceInBody }: Operation,
  bytes: Uint8Array,
  query: URLSearchParams,
): UncheckedInput {
  const { members = {} } = shapeInfo(input);
  const tags = ['Tags', 'tags'].find((member) => Object.hasOwn(members, member));
  const body = tags === undefined && resourceInBody === undefined ? {} : documentOf(bytes);
  return {
    body,
    tags: textsOf(tags && body[tags]),
    tagKeys: Object.hasOwn(members, 'tagKeys') ? query.getAll('tagKeys') : [],
  };
}
