import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { isPostgresUrl } from '../../src/repository/engine/postgres-url.ts';
import { query } from './postgres-server.ts';
import { declared } from './schemas.ts';

/** How many rows a table of a database has, seen by another connection. */
export async function countRows(database: string, table: string, where = 'true'): Promise<number> {
  const sql = `select count(*) as count from ${table} where ${where}`;
  if (isPostgresUrl(database)) {
    const [row] = await query(database, sql);
    return Number(row?.count);
  }
  const connection = new BetterSqlite3(database, { readonly: true });
  try {
    return connection.prepare(sql).pluck().get() as number;
  } finally {
    connection.close();
  }
}

/** The same for every table of profile data. */
export async function countAllRows(database: string): Promise<Record<string, number>> {
  const tables = ['domains', 'domain_counts', 'profiles', 'profile_keys'];
  const counts = tables.map(async (table) => [table, await countRows(database, table)]);
  return Object.fromEntries(await Promise.all(counts));
}

/** Runs a statement on a database, past the service. */
export async function changeRows(database: string, sql: string): Promise<void> {
  if (isPostgresUrl(database)) {
    await query(database, sql);
    return;
  }
  const connection = new BetterSqlite3(database);
  try {
    connection.exec(sql);
  } finally {
    connection.close();
  }
}

/**
 * Every row of every table of profile data, as JSON text, seen by another connection. That stays
 * open until the test ends, so that a test may look after each request.
 */
export async function openDump(database: string): Promise<() => Promise<string>> {
  // Refused objects are kept there on purpose.
  const { dead_letters: _, ...kept } = declared.sqlite;
  const tables = Object.entries(kept).map(([table, { columns, primaryKey }]) => {
    const names = Object.keys(columns).join(', ');
    return `select ${names} from ${table} order by ${primaryKey.join(', ')}`;
  });
  if (isPostgresUrl(database)) {
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    onTestFinished(() => client.end());
    // Several statements in one string are one round trip, with a result for each.
    return async () => {
      const results = (await client.query(tables.join('; '))) as unknown as pg.QueryResult[];
      return JSON.stringify(results.map(({ rows }) => rows));
    };
  }
  const connection = new BetterSqlite3(database, { readonly: true });
  onTestFinished(() => void connection.close());
  const statements = tables.map((sql) => connection.prepare(sql));
  return async () => JSON.stringify(statements.map((statement) => statement.all()));
}
