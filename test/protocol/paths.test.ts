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
    ['http://example.com:80/domains/a', '/domains/a'],
    ['http://example.com', '/'],
    ['*', '/'],
  ])('%s is %s', (target, path) => {
    expect(canonicalPath(target)).toBe(path);
  });

  test.each(['/domains/%', '/domains/%zz', '/domains/%ff', '/domains/%ed%a0%80'])(
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
