import BetterSqlite3 from 'better-sqlite3';
import { fieldKeys } from '../../src/identity/field-keys.ts';
import { isPostgresUrl } from '../../src/repository/engine/postgres-url.ts';
import { query } from '../support/postgres-server.ts';

/** What no query of a sound database gives a row for: each is one more way to be half-applied. */
const unsound = [
  `select 'counts of domain ' || d.domain_id as fault from domains d
    where (select coalesce(sum(profile_count), 0) from domain_counts c where c.domain_id = d.domain_id)
        <> (select count(*) from profiles p where p.domain_id = d.domain_id)
      or (select coalesce(sum(object_count), 0) from domain_counts c where c.domain_id = d.domain_id)
        <> (select count(*) from profile_objects o where o.domain_id = d.domain_id)
      or (select coalesce(sum(object_bytes), 0) from domain_counts c where c.domain_id = d.domain_id)
        <> (select coalesce(sum(document_bytes), 0) from profile_objects o where o.domain_id = d.domain_id)`,
  `select 'keys of an object that is not there: ' || k.origin_ref as fault from profile_keys k
    where k.origin = 'OBJECT' and not exists (select 1 from profile_objects o
      where o.domain_id = k.domain_id and o.profile_id = k.profile_id
        and o.object_type_name || '#' || o.object_key = k.origin_ref)`,
  `select 'an object without keys: ' || o.object_key as fault from profile_objects o
    where not exists (select 1 from profile_keys k where k.domain_id = o.domain_id
      and k.profile_id = o.profile_id and k.origin_ref = o.object_type_name || '#' || o.object_key)`,
];
const documents = 'select profile_id, document from profiles';
const keyRows = 'select profile_id, key_name, key_value, origin from profile_keys';

type Rows = Record<string, unknown>[];

async function rowsOf(database: string, statements: readonly string[]): Promise<Rows[]> {
  if (isPostgresUrl(database)) return Promise.all(statements.map((sql) => query(database, sql)));
  const connection = new BetterSqlite3(database, { readonly: true });
  try {
    return statements.map((sql) => connection.prepare(sql).all() as Rows);
  } finally {
    connection.close();
  }
}

/** What SQLite says about its own file. */
function brokenFile(database: string): string[] {
  const connection = new BetterSqlite3(database, { readonly: true });
  try {
    const integrity = connection.pragma('integrity_check', { simple: true });
    const orphans = connection.pragma('foreign_key_check') as unknown[];
    return [
      ...(integrity === 'ok' ? [] : [`integrity_check: ${integrity}`]),
      ...orphans.map((orphan) => `foreign_key_check: ${JSON.stringify(orphan)}`),
    ];
  } finally {
    connection.close();
  }
}

/** What a database holds, seen past the service. */
export interface Stored {
  /** The profiles that each value of a key finds: by `name value`, the value in its normal form. */
  readonly found: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * What is wrong: with the file itself, with the counts of domains, profiles without the keys of their
   * fields, objects without theirs, keys without their objects.
   */
  readonly faults: readonly string[];
}

/** Reads all keys of a database, and looks for whatever a half-applied unit would leave. */
export async function readStored(database: string): Promise<Stored> {
  const faults = isPostgresUrl(database) ? [] : brokenFile(database);
  const statements = [documents, keyRows, ...unsound];
  const [profiles = [], keys = [], ...unsoundRows] = await rowsOf(database, statements);
  const found = new Map<string, Set<string>>();
  const fields = new Set<string>();
  for (const { profile_id, key_name, key_value, origin } of keys) {
    const [profileId, key] = [String(profile_id), `${key_name} ${key_value}`];
    if (origin === 'FIELD') fields.add(`${profileId} ${key}`);
    const owners = found.get(key) ?? new Set();
    found.set(key, owners.add(profileId));
  }
  for (const { profile_id, document } of profiles)
    for (const { keyName, keyValue } of fieldKeys(String(profile_id), JSON.parse(String(document))))
      if (!fields.has(`${profile_id} ${keyName} ${keyValue}`))
        faults.push(`profile ${profile_id} lacks its key ${keyName} ${keyValue}`);
  return { found, faults: [...faults, ...unsoundRows.flat().map(({ fault }) => String(fault))] };
}
