import { describe, expect, test } from 'vitest';
import { byLiteralFirst, canonicalPath, queryOf } from '../../src/protocol/paths.ts';

describe('canonicalPath', () => {
  test.each([
    ['/domains', '/domains'],
    ['/v1/domains', '/domains'],
    ['/domains/a?x=1', '/domains/a'],
    ['/domains/a%2Fb', '/domains/a%2Fb'],
    ['/domains/a%252Fb', '/domains/a%252Fb'],
    ['/domains/%61/profiles/%6beys', '/domains/a/profiles/keys'],
    ['/domains/a:b', '/domains/a%3Ab'],
    ['/domains/../x', '/domains/../x'],
    ['/tags/arn%3Ax%3Ad%2FD', '/tags/arn%3Ax%3Ad%2FD'],
    ['/tags/arn:x:d/D', '/tags/arn%3Ax%3Ad%2FD'],
    [
      '/v1/tags/arn:x:d/D/i/https:%2f%2Fx//y?tagKeys=a/b',
      '/tags/arn%3Ax%3Ad%2FD%2Fi%2Fhttps%3A%2F%2Fx%2F%2Fy',
    ],
    ['/t%61gs/a/b%252Fc', '/tags/a%2Fb%252Fc'],
    ['/tags/a/b', '/tags/a%2Fb'],
    ['/tags/a', '/tags/a'],
    ['/tags', '/tags'],
    ['/domains/tags/a/b', '/domains/tags/a/b'],
    ['http://example.com:80/domains/a', '/domains/a'],
    ['http://example.com', '/'],
    ['*', '/'],
  ])('%s is %s', (target, path) => {
    expect(canonicalPath(target)).toBe(path);
  });

  test.each(['/tags/a/%', '/domains/%', '/domains/%zz', '/domains/%ff', '/domains/%ed%a0%80'])(
    '%s is no path',
    (target) => {
      expect(canonicalPath(target)).toBeUndefined();
    },
  );
});

test('queryOf reads what follows the first question mark', () => {
  expect([...queryOf('/a?next-token=x%2By&b=?')]).toEqual([
    ['next-token', 'x+y'],
    ['b', '?'],
  ]);
  expect([...queryOf('/a')]).toEqual([]);
});

test('literals come before labels', () => {
  const paths = ['/d/{D}/w/{W}', '/d/{D}/w/integrations', '/d/{D}', '/d/x'];
  expect([...paths].sort(byLiteralFirst)).toEqual([
    '/d/x',
    '/d/{D}',
    '/d/{D}/w/integrations',
    '/d/{D}/w/{W}',
  ]);
});
