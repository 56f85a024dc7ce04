import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { InferSelectModel } from 'drizzle-orm';
import { expect, expectTypeOf, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import type * as postgres from '../../src/repository/schema/postgres.ts';
import type * as sqlite from '../../src/repository/schema/sqlite.ts';
import { temporaryFolder } from '../support/folder.ts';
import { declared } from '../support/schemas.ts';

test('both engines have the same tables, columns, keys, indexes and foreign keys', () => {
  expect(declared.postgres).toEqual(declared.sqlite);
});

test('both engines have the same row types', () => {
  type Sqlite = typeof sqlite;
  type Postgres = typeof postgres;
  expectTypeOf<InferSelectModel<Sqlite['domains']>>().toEqualTypeOf<
    InferSelectModel<Postgres['domains']>
  >();
  expectTypeOf<InferSelectModel<Sqlite['domainCounts']>>().toEqualTypeOf<
    InferSelectModel<Postgres['domainCounts']>
  >();
  expectTypeOf<InferSelectModel<Sqlite['profiles']>>().toEqualTypeOf<
    InferSelectModel<Postgres['profiles']>
  >();
  expectTypeOf<InferSelectModel<Sqlite['profileKeys']>>().toEqualTypeOf<
    InferSelectModel<Postgres['profileKeys']>
  >();
  expectTypeOf<InferSelectModel<Sqlite['credentials']>>().toEqualTypeOf<
    InferSelectModel<Postgres['credentials']>
  >();
});

test('both engines have migrations of the same names', () => {
  const migrations = (engine: string) =>
    readdirSync(new URL(`../../migrations/${engine}`, import.meta.url))
      .filter((name) => name.endsWith('.sql'))
      .sort();
  expect(migrations('postgres')).toEqual(migrations('sqlite'));
  expect(migrations('sqlite')).not.toHaveLength(0);
});

test('the keys of profile data hold the domain and the profile, for databases that shard by either', () => {
  const { credentials: _, ...profileData } = declared.sqlite;
  for (const [name, table] of Object.entries(profileData)) {
    const wanted = 'profile_id' in table.columns ? ['domain_id', 'profile_id'] : ['domain_id'];
    expect(table.primaryKey, name).toEqual(expect.arrayContaining(wanted));
  }
});

test('the migrations of SQLite make the tables that statements are made from', async () => {
  const file = join(temporaryFolder(), 'keyfold.db');
  await openSqlite({ file, durability: 'full' }).close();
  const connection = new BetterSqlite3(file);
  const all = (sql: string, ...parameters: string[]) =>
    connection.prepare(sql).all(...parameters) as Record<string, unknown>[];
  for (const [table, { columns, primaryKey, uniques, indexes }] of Object.entries(
    declared.sqlite,
  )) {
    const rows = all(
      'select name, type, "notnull" as required, pk from pragma_table_info(?)',
      table,
    );
    expect(
      Object.fromEntries(
        rows.map(({ name, type, required }) => [
          name,
          `${String(type).toLowerCase() === 'text' ? 'string' : 'number'}${required === 1 ? ' not null' : ''}`,
        ]),
      ),
    ).toEqual(columns);
    const keys = rows.filter(({ pk }) => pk !== 0).sort((a, b) => Number(a.pk) - Number(b.pk));
    expect(keys.map(({ name }) => name)).toEqual(primaryKey);
    const made = all(
      "select l.origin, (select group_concat(name, ', ') from (select name from pragma_index_info(l.name) order by seqno)) as columns, l.\"unique\" as is_unique from pragma_index_list(?) l where l.origin <> 'pk'",
      table,
    );
    const named = (isUnique: number) =>
      made
        .filter((index) => index.is_unique === isUnique)
        .map((index) => index.columns)
        .sort();
    expect(named(1)).toEqual(uniques);
    expect(named(0)).toEqual(indexes);
  }
  connection.close();
});
