import { expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { tortureOverload } from './overload.ts';

test.each(['mixed', 'small'] as const)(
  'of ten times as many requests as can be answered, %s, some are refused and what was taken is stored',
  async (kinds) => {
    const figures = await tortureOverload(shortRun(1), { kinds, capacityMs: 500, floodMs: 1_500 });
    expect(figures.accepted).toBeGreaterThan(0);
    expect(figures.refused).toBeGreaterThan(0);
    expect(figures.storedChecked).toBeGreaterThan(0);
  },
);
