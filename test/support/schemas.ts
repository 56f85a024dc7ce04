import { getTableName } from 'drizzle-orm';
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core';
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import * as postgres from '../../src/repository/schema/postgres.ts';
import * as sqlite from '../../src/repository/schema/sqlite.ts';

/** What both engines must agree on: everything but the names that engines give to constraints. */
export interface TableDescription {
  readonly columns: Readonly<Record<string, string>>;
  readonly primaryKey: readonly string[];
  readonly uniques: readonly string[];
  readonly indexes: readonly string[];
  readonly foreignKeys: readonly string[];
}

const sqliteTables = Object.values(sqlite).filter((value) => value instanceof SQLiteTable);
const postgresTables = Object.values(postgres).filter((value) => value instanceof PgTable);

type Configuration = ReturnType<typeof sqliteConfig> | ReturnType<typeof postgresConfig>;

interface Named {
  readonly name?: string | undefined;
}

const namesOf = (columns: readonly Named[]) => columns.map(({ name }) => name ?? '?').join(', ');

function describe(configuration: Configuration): [string, TableDescription] {
  const { name, columns, primaryKeys, uniqueConstraints, indexes, foreignKeys } = configuration;
  const own = columns.filter(({ primary }) => primary).map((column) => column.name);
  return [
    name,
    {
      columns: Object.fromEntries(
        columns.map((column) => [
          column.name,
          `${column.dataType}${column.notNull ? ' not null' : ''}`,
        ]),
      ),
      primaryKey: [
        ...own,
        ...primaryKeys.flatMap((key) => key.columns.map((column) => column.name)),
      ],
      uniques: uniqueConstraints.map((unique) => namesOf(unique.columns)).sort(),
      indexes: indexes.map((index) => namesOf(index.config.columns as Named[])).sort(),
      foreignKeys: foreignKeys
        .map((key) => {
          const { columns: from, foreignColumns, foreignTable } = key.reference();
          return `${namesOf(from)} -> ${getTableName(foreignTable)}(${namesOf(foreignColumns)}) ${key.onDelete}`;
        })
        .sort(),
    },
  ];
}

/** The tables that statements are made from, by name. */
export const declared: Record<'postgres' | 'sqlite', Record<string, TableDescription>> = {
  sqlite: Object.fromEntries(sqliteTables.map((table) => describe(sqliteConfig(table)))),
  postgres: Object.fromEntries(postgresTables.map((table) => describe(postgresConfig(table)))),
};
