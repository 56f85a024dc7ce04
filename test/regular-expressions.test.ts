import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isSafe } from 'redos-detector';
import { describe, expect, test } from 'vitest';
import { string } from '../src/model/shapes.ts';

/** How often a regular expression may go back, over any input, before it counts as dangerous. */
const BACKTRACKS_MAX = 1_000;

/**
 * Patterns of the model that may go back more often than that, about as often as the square of a
 * text's length. They are for texts that the model bounds, and longer ones aren't matched.
 */
const forBoundedTexts = ['arn:aws:iam:.*:[0-9]+:.*', 'arn:aws:kms:.*:[0-9]+:.*'];

const sources = fileURLToPath(new URL('../src', import.meta.url));

/** Where a literal may begin, its pattern and its flags. Some paths in strings look like one: no harm. */
const literal =
  /(?<=[(=,:;!&|?{}[\s>])\/(?![*/\s])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/g;

function literals(): [file: string, RegExp][] {
  return globSync('**/*.ts', { cwd: sources }).flatMap((file) => {
    const code = readFileSync(`${sources}/${file}`, 'utf8').replace(/^\s*(\*|\/[/*]).*$/gm, '');
    return [...code.matchAll(literal)].flatMap(([, pattern = '', flags]): [string, RegExp][] => {
      try {
        return [[file, new RegExp(pattern, flags)]];
      } catch {
        return [];
      }
    });
  });
}

function isLinear(expression: RegExp): boolean {
  return isSafe(expression, { maxScore: BACKTRACKS_MAX }).safe;
}

describe('regular expressions', () => {
  test('take time in proportion to their input, all of them', () => {
    const dangerous = literals().filter(
      ([, expression]) => !isLinear(expression) && !forBoundedTexts.includes(expression.source),
    );
    expect(dangerous).toEqual([]);
  });

  test('are not matched against texts that are far too long', () => {
    const pattern = /arn:aws:iam:.*:[0-9]+:.*/;
    const schema = string({ max: 512, pattern });
    const parsed = schema.safeParse('arn:aws:iam:'.repeat(100));
    expect(parsed.error?.issues).toMatchObject([
      { params: { constraint: 'Member must have length less than or equal to 512' } },
    ]);
  });

  test('are found in the sources, and a dangerous one is known for what it is', () => {
    const found = literals().map(([, { source }]) => source);
    for (const source of ['[a-f0-9]{32}', '^[a-zA-Z0-9_-]+$']) expect(found).toContain(source);
    // The model's own pattern for ARNs.
    expect(isLinear(/arn:([a-z\d-]+):profile:.*:.*:.+/)).toBe(false);
  });
});
