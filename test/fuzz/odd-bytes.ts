import fc from 'fast-check';
import { operations } from '../../src/operations/index.ts';
import { bytesOf, encoding, requestOf } from './encoding.ts';
import type { Likely } from './inputs.ts';
import { validInput } from './odd-requests.ts';

/** Bytes of a request, one to a character, and a place in them. */
type Change = (bytes: string, at: number) => string;

const END_OF_HEAD = '\r\n\r\n';

/** Lines that don't belong into a head, or not into this one. */
const oddLines = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: +1',
  'Content-Length: 0x10',
  'Content-Length: 1, 1',
  'Content-Length: 1e1',
  'Content-Length: 4194305',
  'Content-Length: 99999999999999999999999',
  'Content-Length:',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding : chunked',
  'Connection: keep-alive',
  'Connection: Content-Length',
  'Host: other',
  'X: a\0b',
  'X: a\nb',
  'X: a\rb',
  'X\0: a',
  'X: \x7f\x80\xff',
  ' folded: x',
  'X: y\r\n folded',
  'X y: z',
  ': no name',
  'no colon',
  '',
  `X: ${'x'.repeat(20_000)}`,
  `${'X'.repeat(20_000)}: x`,
  'X: y\r\n'.repeat(3000).trimEnd(),
];

const oddRequestLines = [
  'GET /domains HTTP/1.0',
  'GET /domains HTTP/0.9',
  'GET /domains HTTP/1.2',
  'GET /domains HTTP/2.0',
  'GET /domains HTTP/11',
  'GET /domains',
  'GET  /domains HTTP/1.1',
  'GET\t/domains\tHTTP/1.1',
  'GET /domains HTTP/1.1 x',
  'GET domains HTTP/1.1',
  'GET /dom ains HTTP/1.1',
  'GET /dom\0ains HTTP/1.1',
  'GET /dom\xffains HTTP/1.1',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  'get /domains HTTP/1.1',
  'BREW /domains HTTP/1.1',
  'CONNECT keyfold:80 HTTP/1.1',
  'CONNECT /domains HTTP/1.1',
  'PRI * HTTP/2.0',
  '',
];

const oddBodies = [
  'x\r\n',
  '-1\r\n',
  '0x5\r\nabcde\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\n',
  '5\r\nabc\r\n0\r\n\r\n',
  '2\r\n{}0\r\n\r\n',
  '2\n{}\n0\n\n',
  '2;a=b\r\n{}\r\n0\r\n\r\n',
  `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  '2\r\n{}\r\n0\r\nContent-Length: 5\r\nX: y\r\n\r\n',
  '2\r\n{}\r\n0\r\nX: a\0b\r\n\r\n',
  `2\r\n{}\r\n0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  '\r\n',
  '',
];

const beyondRequests = [
  'HELLO\r\n\r\n',
  '\0\0\0\0',
  '\r\n\r\n\r\n',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  'GET /domains HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\xff\xfe\xfd',
];

/** Asks for no more than the answer to the last of several requests closes. */
function keepAlive(bytes: string): string {
  return bytes.replace('Connection: close\r\n', '');
}

const changes: readonly Change[] = [
  ...oddLines.map(
    (line): Change =>
      (bytes) =>
        bytes.replace('\r\n', () => `\r\n${line}\r\n`),
  ),
  ...oddRequestLines.map(
    (line): Change =>
      (bytes) =>
        bytes.replace(/^.*/, () => line),
  ),
  ...oddBodies.map((body): Change => {
    const head = 'POST /domains/new HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked';
    return () => `${head}${END_OF_HEAD}${body}`;
  }),
  ...beyondRequests.flatMap((garbage): Change[] => [
    (bytes) => garbage + bytes,
    (bytes) => keepAlive(bytes) + garbage,
    () => garbage,
  ]),
  (bytes) => keepAlive(bytes) + bytes,
  (bytes) => bytes.replaceAll('\r\n', '\n'),
  (bytes) => bytes.replace(END_OF_HEAD, '\r\n'),
  (bytes) => bytes.replace('Host: localhost\r\n', ''),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at) => bytes.slice(at),
  (bytes, at) => bytes.slice(0, at) + bytes.slice(at + 1),
  ...['\0', '\r', '\n', '\r\n', '\xff', ' ', ':', '0'].map((inserted): Change => {
    return (bytes, at) => bytes.slice(0, at) + inserted + bytes.slice(at);
  }),
];

/**
 * Bytes, one to a character, that began as requests of any operation and became something else:
 * some of them still are requests, and may be accepted.
 */
export function oddBytes(likely: Likely): fc.Arbitrary<string> {
  const requests = operations.map((operation) =>
    fc
      .tuple(validInput(operation, likely), encoding)
      .map(([input, how]) => bytesOf(requestOf(operation, input, how)).toString('latin1')),
  );
  return fc
    .tuple(
      fc.oneof(...requests),
      fc.nat(changes.length - 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([bytes, index, place]) => {
      const changed = changes[index]?.(bytes, Math.floor(place * bytes.length));
      return changed ?? bytes;
    });
}
