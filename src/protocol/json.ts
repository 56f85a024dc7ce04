import { JSON_DEPTH_MAX, nestingDepth } from '../model/json-depth.ts';
import { malformed } from './errors.ts';

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
