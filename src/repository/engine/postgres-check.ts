import { getTableName } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import {
  type CheckReport,
  checkRows,
  counted,
  NotCheckedError,
  type Select,
} from '../check-report.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import * as schema from '../schema/postgres.ts';
import { MIGRATION_TABLE } from './postgres-connection.ts';
import { withoutPassword } from './postgres-url.ts';

const CONNECT_MS_MAX = 5_000;

/** Every foreign key of the schema: names of tables and of the columns that must be alike. */
const references = Object.values(schema)
  .filter((table) => table instanceof PgTable)
  .flatMap((table) => getTableConfig(table).foreignKeys.map((key) => key.reference()))
  .map(({ columns, foreignTable, foreignColumns }) => ({
    child: getTableName(columns[0]?.table as PgTable),
    parent: getTableName(foreignTable),
    on: columns
      .map((column, index) => `parent.${foreignColumns[index]?.name} = child.${column.name}`)
      .join(' and '),
  }));

/**
 * Rows without the row that they hang on. The server looks after that, but not while a restore, or
 * somebody with the right to, has switched it off.
 */
async function foreignKeys(select: Select): Promise<string[]> {
  const problems: string[] = [];
  for (const { child, parent, on } of references) {
    const [row] = await select(
      `select count(*) as count from ${child} as child where not exists (select 1 from ${parent} as parent where ${on})`,
    );
    const count = Number(row?.count);
    if (count > 0)
      problems.push(`${counted(count, 'row')} of ${child} without theirs in ${parent}`);
  }
  return problems;
}

/** Hashes of the migrations that a database has, oldest first; undefined without Keyfold's tables. */
async function appliedTo(client: pg.Client): Promise<string[] | undefined> {
  const found = await client.query(
    `select to_regclass('${MIGRATION_TABLE}') is not null as is_there`,
  );
  if (found.rows[0]?.is_there !== true) return undefined;
  const { rows } = await client.query(`select hash from ${MIGRATION_TABLE} order by id`);
  return rows.map(({ hash }) => String(hash));
}

async function checkClient(client: pg.Client): Promise<CheckReport> {
  await client.query('begin isolation level repeatable read read only');
  const select: Select = async (sql) => (await client.query(sql)).rows;
  const applied = await appliedTo(client);
  if (applied === undefined) throw new NotCheckedError('has no tables of Keyfold');
  const known = migrationsOf('postgres');
  const pending = pendingMigrations(known, applied);
  const versions = { schemaVersion: applied.length, knownVersion: known.length };
  // The statements are of this program's schema.
  if (pending.length > 0) return { ...versions, checked: [], problems: [] };
  const problems = await foreignKeys(select);
  const rows = await checkRows(select);
  return {
    ...versions,
    checked: ['foreign keys', ...rows.checked],
    problems: [...problems, ...rows.problems],
  };
}

/** Does work on a connection of its own. */
async function onClient<T>(
  url: string,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    application_name: applicationName,
  });
  // Whoever waits for an answer hears of a connection that breaks; nobody else needs to.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Looks at all rows of a PostgreSQL database, which others may be using, and changes nothing. Its files
 * are the server's to check.
 *
 * @throws NotCheckedError when it can't be reached or read, is not Keyfold's, or is a newer Keyfold's.
 */
export async function checkPostgres(url: string): Promise<CheckReport> {
  try {
    return await onClient(url, 'keyfold check', checkClient);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new NotCheckedError(`database ${withoutPassword(url)} can't be checked: ${reason}`, {
      cause: error,
    });
  }
}

/**
 * How many migrations a PostgreSQL database has; it is not changed.
 *
 * @throws DatabaseRefusedError when a newer Keyfold made it.
 * @throws the driver's error when it can't be read.
 */
export function postgresSchemaVersion(url: string): Promise<number> {
  return onClient(url, 'keyfold migrate', async (client) => {
    const applied = await appliedTo(client);
    pendingMigrations(migrationsOf('postgres'), applied ?? []);
    return applied?.length ?? 0;
  });
}
