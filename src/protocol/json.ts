import { malformed } from './errors.ts';

/** How deep arrays and objects may nest; the model's deepest shape needs ten. */
export const JSON_DEPTH_MAX = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The deepest nesting of a JSON text, found without building anything: `JSON.parse` takes any depth,
 * but what walks or writes the result afterwards recurses.
 */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (inString) {
      if (unit === BACKSLASH) index++;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth--;
  }
  return deepest;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON object in a request body. An empty body is an empty object.
 *
 * @throws ProtocolError SerializationException when the bytes aren't UTF-8, the text isn't one JSON
 *   object, or it nests deeper than {@link JSON_DEPTH_MAX}.
 */
export function parseDocument(body: Uint8Array): Record<string, unknown> {
  if (body.byteLength === 0) return {};
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw malformed('The request body is not valid UTF-8.');
  }
  if (nestingDepth(text) > JSON_DEPTH_MAX)
    throw malformed(`The request body nests deeper than ${JSON_DEPTH_MAX} levels.`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold personal data.
    throw malformed('The request body is not valid JSON.');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw malformed('The request body must be a JSON object.');
  return document as Record<string, unknown>;
}
