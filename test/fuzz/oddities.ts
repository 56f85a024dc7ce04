import fc from 'fast-check';
import { encoding, type Request, withBody } from './encoding.ts';
import {
  methods,
  misplacedBytes,
  oddHeaders,
  oddNumbers,
  oddQueries,
  oddTargets,
} from './odd-parts.ts';

type Change = (request: Request) => Request;

const oddMethod = fc.constantFrom(...methods).map(
  (method): Change =>
    (request) => ({ ...request, method }),
);

const oddTarget = fc.oneof(
  fc.constantFrom(...oddTargets).map((target) => (request: Request) => ({ ...request, target })),
  fc
    .constantFrom(
      '/',
      '//',
      '/..',
      '%00',
      '%2F',
      '%',
      '%25',
      '%0d%0a',
      ';',
      '.',
      '?',
      '#',
      '\\',
      '|',
    )
    .map((end) => (request: Request) => ({
      ...request,
      target: request.target.replace(/\?|$/, (found) => end + found),
    })),
);

const oddQuery = fc
  .array(fc.constantFrom(...oddQueries), { minLength: 1, maxLength: 5 })
  .map((parts) => (request: Request) => ({
    ...request,
    target: `${request.target}${request.target.includes('?') ? '&' : '?'}${parts.join('&')}`,
  }));

const oddHeader = fc
  .oneof(
    ...oddHeaders.map(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values))),
  )
  .map(([name, value]) => (request: Request): Request => {
    const others = request.headers.filter(([other]) => other !== name);
    return { ...request, headers: [...others, [name, value]] };
  });

/** Changes of a document, each at some place in it. */
const documentChanges: readonly ((document: string, at: number) => string)[] = [
  (document, at) => document.slice(0, at),
  (document, at) => document.slice(at),
  (document, at) => document.slice(0, at) + document.slice(at + 1),
  (document) => `${document}x`,
  (document) => `${document}\0`,
  (document) => document + document,
  (document) => `\xef\xbb\xbf${document}`,
  (document) => `[${document}]`,
  (document) => `{"__proto__":${document}}`,
  (document) => Buffer.from(document, 'utf16le').toString('latin1'),
  (document) => `${'{"a":'.repeat(5000)}${document}${'}'.repeat(5000)}`,
  () => '['.repeat(1_000_000),
  () => '',
  () => ' ',
  () => 'null',
  () => '1',
  ...misplacedBytes.map((bytes) => (document: string, at: number) => {
    return document.slice(0, at) + bytes + document.slice(at);
  }),
  ...oddNumbers.map((number) => (document: string) => {
    return document.replace(/:\s*(-?[0-9.e+]+|true|false|null)/, () => `:${number}`);
  }),
];

const oddBody = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(documentChanges.length - 1), encoding)
  .map(([place, index, how]) => (request: Request): Request => {
    const { document = '{}' } = request;
    const changed = documentChanges[index]?.(document, Math.floor(place * document.length));
    return withBody(request, changed ?? document, how);
  });

/** Something about a request that no client sends. */
export const oddity: fc.Arbitrary<Change> = fc.oneof(oddMethod, oddTarget, oddQuery, oddHeader, {
  weight: 4,
  arbitrary: oddBody,
});
