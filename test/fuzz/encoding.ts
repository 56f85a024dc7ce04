import fc from 'fast-check';
import type { Operation } from '../../src/model/operation.ts';
import { shapeInfo } from '../../src/model/shapes.ts';
import { hasBodyMembers } from '../../src/protocol/decode.ts';

/**
 * A request as it goes over the wire: nothing normalises, completes or checks it. Its texts are
 * bytes, one to a character (Latin-1), so that a failing test prints something to read.
 */
export interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, and what of it is the document: more than that when it is chunked. */
  readonly body?: string;
  readonly document?: string;
}

/** One of the ways in which the same input can be written. */
export interface Encoding {
  /** Percent-encodes letters and digits too, and writes every character of a text as `\uXXXX`. */
  readonly escapesAll: boolean;
  /** Every object of the body names its first member twice; the last counts. */
  readonly repeatsMembers: boolean;
  /** Any spaces between the tokens of the body. */
  readonly space: string;
  readonly prefix: '' | '/v1';
  readonly isChunked: boolean;
}

export const encoding: fc.Arbitrary<Encoding> = fc.record({
  escapesAll: fc.boolean(),
  repeatsMembers: fc.boolean(),
  space: fc.constantFrom('', ' ', '\r\n\t'),
  prefix: fc.constantFrom('', '/v1'),
  isChunked: fc.boolean(),
});

function percent(text: string, escapesAll: boolean): string {
  return bytesOfText(text).replace(escapesAll ? /./gs : /[^A-Za-z0-9_.~-]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

function writeText(text: string, { escapesAll }: Encoding): string {
  if (!escapesAll) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

function writeJson(value: unknown, encoding: Encoding): string {
  const { space, repeatsMembers } = encoding;
  if (typeof value === 'string') return writeText(value, encoding);
  if (Array.isArray(value))
    return `[${value.map((item) => space + writeJson(item, encoding)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${space}${writeText(name, encoding)}:${writeJson(member, encoding)}`,
  );
  const [first] = Object.keys(value);
  if (repeatsMembers && first !== undefined) members.unshift(`${writeText(first, encoding)}:false`);
  return `{${members.join(`${space},`)}}`;
}

/** The UTF-8 bytes of a text, one to a character. */
export function bytesOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The body in one chunk or two. */
function chunks(document: string): string {
  const half = document.length >> 1;
  const parts = [document.slice(0, half), document.slice(half)].filter((part) => part !== '');
  const framed = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
  return `${framed.join('')}0\r\n\r\n`;
}

/** The request of an operation with an input, which need not be valid. */
export function requestOf(
  { method, path, input: shape }: Operation,
  input: Readonly<Record<string, unknown>>,
  encoding: Encoding,
): Request {
  const body = { ...input };
  const query: string[] = [];
  let target = path;
  for (const [member, schema] of Object.entries(shapeInfo(shape).members ?? {})) {
    const { location } = shapeInfo(schema);
    if (location === undefined) continue;
    const value = input[member];
    delete body[member];
    const texts = (Array.isArray(value) ? value : [value])
      .filter((item) => item !== undefined && item !== null)
      .map((item) => percent(String(item), encoding.escapesAll));
    // As a function, so that no `$` in the text is special.
    if (location.in === 'label') target = target.replace(`{${member}}`, () => texts[0] ?? '');
    else if (location.in === 'query')
      query.push(...texts.map((text) => `${location.name}=${text}`));
  }
  const request = {
    method,
    target: encoding.prefix + target + (query.length > 0 ? `?${query.join('&')}` : ''),
  };
  if (!hasBodyMembers(shape)) return { ...request, headers: [] };
  return withBody({ ...request, headers: [] }, bytesOfText(writeJson(body, encoding)), encoding);
}

/** The request with another body, framed anew. */
export function withBody(
  request: Request,
  document: string,
  { isChunked }: Pick<Encoding, 'isChunked'>,
): Request {
  return {
    ...request,
    headers: [
      ['Content-Type', 'application/json'],
      isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(document.length)],
    ],
    document,
    body: isChunked ? chunks(document) : document,
  };
}

/** The bytes of a request that asks for the connection to be closed after its answer. */
export function bytesOf({ method, target, headers, body }: Request): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const hasHost = headers.some(([name]) => name === 'Host');
  const own = `${hasHost ? '' : 'Host: localhost\r\n'}Connection: close\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\n${own}${lines.join('')}\r\n`;
  return Buffer.from(head + (body ?? ''), 'latin1');
}
