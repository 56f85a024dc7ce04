import { statSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { cachedDomain } from '../domains/cache.ts';
import type { DomainPlan } from '../domains/plan.ts';
import type { Part, PartContext } from '../part.ts';
import { outcome } from './common.ts';

/** How many rows of a bare profile aren't those of AddProfileKey: that of its id. */
const KEYS_PER_PROFILE = 10;

/**
 * What the server in `peers/hand-written.ts` would have for a schema of its own: the same keys by the
 * same texts, without saying where a key came from or how it was written.
 */
const leanSchema = `
  create table keys (
    domain_id text not null, profile_id text not null, key_name text not null, key_value text not null,
    primary key (domain_id, profile_id, key_name, key_value)
  ) strict, without rowid;
  create index keys_search on keys (domain_id, key_name, key_value, profile_id);
`;

/** The least that finds profiles by keys: numbers in the place of ids and names. */
const frugalSchema = `
  create table keys (
    profile integer not null, name integer not null, value text not null,
    primary key (profile, name, value)
  ) strict, without rowid;
  create index keys_search on keys (name, value, profile);
`;

const leanRows = 'select domain_id, profile_id, key_name, key_value from keyfold.profile_keys';
/** Ids are numbers already but for what all of them begin with. */
const frugalRows =
  "select cast(substr(profile_id, 18) as integer), key_name = '_profileId', key_value from keyfold.profile_keys";

/** Copies the keys of a database into another schema, row by row in the order in which they came. */
function rebuild(source: string, file: string, schema: string, rows: string): number {
  const database = new BetterSqlite3(file);
  try {
    database.pragma('journal_mode = off');
    database.pragma('synchronous = off');
    database.pragma('cache_size = -2097152');
    database.exec(schema);
    database.prepare('attach ? as keyfold').run(source);
    database.exec(`insert into keys ${rows} order by domain_id, profile_id, key_name, key_value`);
    return bytesOf(database, 'keys');
  } finally {
    database.close();
  }
}

/** The bytes that the pages of a table, or of an index, take. */
function sizeOf(database: BetterSqlite3.Database, name: string): number {
  const sizes = database.prepare('select sum(pgsize) from dbstat where name = ?').pluck();
  return Number(sizes.get(name));
}

/** The bytes of a table of keys and of its search index. */
function bytesOf(database: BetterSqlite3.Database, table: string): number {
  return sizeOf(database, table) + sizeOf(database, `${table}_search`);
}

async function run(context: PartContext) {
  const { folder, isQuick, say } = context;
  const profiles = isQuick ? 500 : 1_000_000;
  const plan: DomainPlan = {
    profiles,
    keys: KEYS_PER_PROFILE,
    hasFields: false,
    isMatching: false,
  };
  const file = await cachedDomain(plan, say);
  const database = new BetterSqlite3(file, { readonly: true });
  let keys: number;
  let own: number;
  let history: number;
  try {
    keys = Number(database.prepare('select count(*) from profile_keys').pluck().get());
    own = bytesOf(database, 'profile_keys');
    history = sizeOf(database, 'profile_history');
  } finally {
    database.close();
  }
  const lean = rebuild(file, join(folder, 'lean.db'), leanSchema, leanRows);
  const frugal = rebuild(file, join(folder, 'frugal.db'), frugalSchema, frugalRows);
  const perKey = (bytes: number) => bytes / keys;
  return outcome({
    notes: [
      `${keys.toLocaleString('en-GB')} keys: ${KEYS_PER_PROFILE} of AddProfileKey and its id for each of ${profiles.toLocaleString('en-GB')} profiles. They came profile by profile, and every index grew with them. Bytes are the pages of the table of keys and of the index that searches read.`,
      '*hand-written*: the same keys with the same text ids, without origin and given value. *Frugal*: numbers for profiles and key names in one domain.',
      `The history of these calls, a record for each AddProfileKey and each profile, comes on top: ${Math.round(history / profiles)} bytes a profile. The whole file has ${Math.round(statSync(file).size / profiles)} bytes a profile.`,
    ],
    measured: [
      {
        name: 'bytes for each key: Keyfold / hand-written',
        value: own / lean,
        unit: '×',
        target: { atMost: 1.2 },
      },
      { name: 'bytes for each key: Keyfold / frugal', value: own / frugal, unit: '×' },
    ],
    tables: [
      {
        columns: ['schema', 'bytes a key'],
        rows: [
          ['Keyfold', perKey(own)],
          ['hand-written', perKey(lean)],
          ['frugal', perKey(frugal)],
        ],
      },
    ],
  });
}

/** How much disk a key takes. */
export const disk: Part = { name: 'disk', title: 'Bytes on disk for each key, SQLite', run };
