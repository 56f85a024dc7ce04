// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so IAM writes its policy variables.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatches, globOf, hasVariable, literalOf } from '../../src/auth/wildcards.ts';

const matches = (pattern: string, text: string) => globMatches(globOf(pattern), text);

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', '*', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', 'ab', false],
  ['a', 'A', false],
  ['a*', 'ba', false],
  ['*a', 'ab', false],
  ['*ab', 'aab', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['a?c', 'abc', true],
  ['a**', 'a', true],
  ['*?*', '', false],
  ['a\nb*', 'a\nb\nc', true],
  ['.+[a]', '.+[a]', true],
  ['.', 'a', false],
  ['${*}', '*', true],
  ['${*}', 'a', false],
  ['${?}', 'a', false],
  ['a${?}*', 'a?b', true],
  ['${$}{*}', '${}', true],
  ['$*', '$a', true],
])('%o on %o: %o', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

/** What the wildcards mean, in the fewest words and exponential time. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*')
    return (
      matchesByDefinition(rest, text) ||
      (text !== '' && matchesByDefinition(pattern, text.slice(1)))
    );
  return (
    text !== '' &&
    (pattern[0] === '?' || pattern[0] === text[0]) &&
    matchesByDefinition(rest, text.slice(1))
  );
}

test('matches exactly what the definition matches', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (glob, value) => {
      expect(matches(glob, value)).toBe(matchesByDefinition(glob, value));
    }),
    { numRuns: 5_000 },
  );
});

test('a pattern that would take exponential time by definition ends at once', () => {
  expect(matches('*a'.repeat(3_000), 'a'.repeat(2_000))).toBe(false);
  expect(matches(`${'*a'.repeat(1_000)}*b`, 'a'.repeat(5_000))).toBe(false);
});

test.each([
  ['${aws:username}', true],
  ['${', true],
  ['${}', true],
  ['${**}', true],
  ['${*}${aws:userid}', true],
  ['${*}${?}${$}', false],
  ['$', false],
  ['$ {a}', false],
  ['{a}', false],
])('%o has a policy variable: %o', (text, expected) => {
  expect(hasVariable(text)).toBe(expected);
});

test('a literal keeps its wildcards and loses its escapes', () => {
  expect(literalOf('a*${*}?${?}${$}{*}')).toBe('a**??${*}');
});
