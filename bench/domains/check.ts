import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { openConnection } from '../../src/repository/engine/sqlite-database.ts';
import { buildDomain } from './build.ts';
import { CARD, DOMAIN, profileIdOf } from './customers.ts';
import { contextOf, type DomainPlan, makeDomain, profileInputs, settleMatching } from './plan.ts';

/** Enough that full names have several profiles. */
const PROFILES = 30;

/** A database with what the operations leave of the plan. */
async function byOperations(file: string, plan: DomainPlan, now: number): Promise<void> {
  const repository = openSqlite({ file, durability: 'normal' });
  try {
    const context = contextOf(repository, now);
    const domainId = await makeDomain(context, plan);
    for (let index = 0; index < plan.profiles; index++) {
      const ids = { ...context.ids, profileId: () => profileIdOf(index) };
      const { fields, cards: Values } = profileInputs(index, plan);
      const input = { DomainName: DOMAIN, ...fields };
      const { ProfileId } = await createProfile.handler({ ...context, ids }, input);
      const key = { DomainName: DOMAIN, ProfileId, KeyName: CARD, Values };
      await addProfileKey.handler(context, key);
    }
    await settleMatching(context, domainId);
  } finally {
    await repository.close();
  }
}

/** The rows of every table, in an order of their own. */
function contents(file: string): Map<string, string[]> {
  const connection = openConnection(file, 'normal', { readonly: true });
  try {
    const tables = connection
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like '\\_\\_%' escape '\\'",
      )
      .pluck()
      // It plucks the names.
      .all() as string[];
    return new Map(
      tables.map((table) => {
        const rows = connection.prepare(`select * from ${table}`).all();
        return [table, rows.map((row) => JSON.stringify(row)).sort()];
      }),
    );
  } finally {
    connection.close();
  }
}

/**
 * Makes a small domain of the same plan in both ways, and compares all tables.
 *
 * @throws Error that names the table where what is built is not what the operations leave.
 */
export async function checkRows(folder: string, whole: DomainPlan, now: number): Promise<void> {
  const plan = { ...whole, profiles: PROFILES };
  const own = mkdtempSync(join(folder, 'check-'));
  try {
    const [built, made] = [join(own, 'built.db'), join(own, 'made.db')];
    await buildDomain({ file: built, plan, now });
    await byOperations(made, plan, now);
    const expected = contents(made);
    for (const [table, rows] of contents(built))
      if (!isDeepStrictEqual(rows, expected.get(table)))
        throw new Error(
          `bench/domains/rows.ts no longer makes the rows of ${table} that the operations leave`,
        );
  } finally {
    rmSync(own, { recursive: true });
  }
}
