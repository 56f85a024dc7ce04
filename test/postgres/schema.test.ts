import { expect, test } from 'vitest';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { declared } from '../support/schemas.ts';

test('the migrations make the tables that statements are made from, with text in C order', async () => {
  const database = await sharedDatabase();
  for (const [table, { columns, primaryKey, uniques, indexes }] of Object.entries(
    declared.postgres,
  )) {
    const rows = await query(
      database,
      `select column_name, data_type, is_nullable, collation_name from information_schema.columns where table_schema = 'public' and table_name = '${table}'`,
    );
    const described = rows.map(({ column_name, data_type, is_nullable }) => [
      column_name,
      `${data_type === 'text' ? 'string' : 'number'}${is_nullable === 'NO' ? ' not null' : ''}`,
    ]);
    expect(Object.fromEntries(described)).toEqual(columns);
    for (const { data_type, collation_name } of rows)
      expect(collation_name).toBe(data_type === 'text' ? 'C' : null);
    const made = await query(
      database,
      `select i.indisprimary as is_primary, i.indisunique as is_unique,
        (select string_agg(a.attname, ', ' order by k.position)
          from unnest(i.indkey) with ordinality as k(number, position)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number) as columns
      from pg_index i where i.indrelid = '${table}'::regclass`,
    );
    const columnsOf = (isPrimary: boolean, isUnique: boolean) =>
      made
        .filter((index) => index.is_primary === isPrimary && index.is_unique === isUnique)
        .map((index) => index.columns)
        .sort();
    expect(columnsOf(true, true)).toEqual([primaryKey.join(', ')]);
    expect(columnsOf(false, true)).toEqual(uniques);
    expect(columnsOf(false, false)).toEqual(indexes);
  }
});

test('nothing needs a sequence or a trigger of its own', async () => {
  const database = await sharedDatabase();
  const made = await query(
    database,
    "select relname from pg_class where relkind = 'S' union all select tgname from pg_trigger where not tgisinternal",
  );
  expect(made).toEqual([]);
});
