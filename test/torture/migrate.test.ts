import { expect, test } from 'vitest';
import { shortRun, untouchedDatabase } from '../support/torture.ts';
import { tortureMigrate } from './migrate.ts';

test.each([0, 1])(
  'a migration from version %i that is killed leaves what two starters at once go on with',
  async (version) => {
    const run = { ...shortRun(2), makeDatabase: untouchedDatabase };
    const figures = await tortureMigrate(run, version, 3);
    expect(figures).toMatchObject({ kills: 2, starts: 4, refusals: 2 });
  },
);
