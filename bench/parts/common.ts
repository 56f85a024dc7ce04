import BetterSqlite3 from 'better-sqlite3';
import { CARD } from '../domains/customers.ts';
import type { DomainPlan } from '../domains/plan.ts';
import type { PartContext, PartOutcome } from '../part.ts';
import type { Schedule, Side } from '../rounds.ts';
import type { Store } from '../stores.ts';

/** How long parts measure that don't say otherwise. */
export function scheduleOf({ isQuick }: PartContext, rounds = 5): Schedule {
  return isQuick
    ? { rounds: 2, seconds: 0.2, warmUpSeconds: 0.1 }
    : { rounds, seconds: 3, warmUpSeconds: 2 };
}

/** A domain of customers with a loyalty card each, matched by Keyfold's own rules. */
export function customersOf(profiles: number): DomainPlan {
  return { profiles, keys: 1, hasFields: true, isMatching: true };
}

/** What a domain of that many profiles is called: `1,000,000 profiles`. */
export function nameOfSize(profiles: number): string {
  return `${profiles.toLocaleString('en-GB')} profiles`;
}

/** An outcome with what there is to say. */
export function outcome(found: Partial<PartOutcome>): PartOutcome {
  return { notes: [], measured: [], tables: [], missing: [], versions: {}, ...found };
}

/**
 * Looks for what was answered.
 *
 * @throws Error when the store holds another number.
 */
export function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: the store has ${found}, not ${expected}`);
}

/** How many loyalty cards and how many records of adding them a SQLite database holds. */
export function countCards(file: string): { readonly cards: number; readonly records: number } {
  const database = new BetterSqlite3(file, { readonly: true });
  try {
    const count = (sql: string, ...parameters: string[]) =>
      Number(
        database
          .prepare(sql)
          .pluck()
          .get(...parameters),
      );
    return {
      cards: count('select count(*) from profile_keys where key_name = ?', CARD),
      records: count(
        "select count(*) from profile_history where action_type = 'ADDED_PROFILE_KEY'",
      ),
    };
  } finally {
    database.close();
  }
}

/** A side whose rounds end when the service has matched what they made: it must not do so in the next one. */
export function settled<R>(store: Store, database: string, side: Side<R>): Side<R> {
  return {
    name: side.name,
    async round(seconds) {
      const result = await side.round(seconds);
      while ((await store.count(database, 'select count(*) from rule_match_changes')) > 0)
        await new Promise((resolve) => setTimeout(resolve, 100));
      return result;
    },
  };
}
