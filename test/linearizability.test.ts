import { describe, expect, test } from 'vitest';
import { type Call, isLinearizable } from './support/linearizability.ts';

const add = (profileId: string, startedAt: number, endedAt: number): Call => ({
  startedAt,
  endedAt,
  operation: { kind: 'add', profileId },
});
const remove = (profileId: string, startedAt: number, endedAt: number): Call => ({
  startedAt,
  endedAt,
  operation: { kind: 'delete', profileId },
});
const search = (startedAt: number, endedAt: number, ...found: string[]): Call => ({
  startedAt,
  endedAt,
  operation: { kind: 'search', found },
});

describe('the checker of histories', () => {
  test.each<[string, Call[]]>([
    ['one after another', [add('a', 0, 1), search(2, 3, 'a'), remove('a', 4, 5), search(6, 7)]],
    ['a search during an add may miss it', [add('a', 0, 9), search(1, 2), search(3, 4, 'a')]],
    ['two adds and a search of one', [add('a', 0, 9), add('b', 0, 9), search(1, 2, 'b')]],
    ['an unanswered add seen', [add('a', 0, Infinity), search(5, 6, 'a')]],
    ['an unanswered add never seen', [add('a', 0, Infinity), search(5, 6)]],
    ['an unanswered add seen late', [add('a', 0, Infinity), search(5, 6), search(7, 8, 'a')]],
  ])('accepts %s', (_, history) => {
    expect(isLinearizable(history)).toBe(true);
  });

  test.each<[string, Call[]]>([
    ['a lost add', [add('a', 0, 1), search(2, 3)]],
    ['an add that comes back', [add('a', 0, 1), remove('a', 2, 3), search(4, 5, 'a')]],
    ['a stale search', [add('a', 0, 9), search(1, 2, 'a'), search(3, 4)]],
    ['a profile from nowhere', [search(0, 1, 'a')]],
    ['half of two adds', [add('a', 0, 1), add('b', 2, 3), search(4, 5, 'b')]],
    [
      'two searches that disagree',
      [add('a', 0, 9), add('b', 0, 9), search(1, 2, 'a'), search(3, 4, 'b')],
    ],
  ])('refuses %s', (_, history) => {
    expect(isLinearizable(history)).toBe(false);
  });
});
