import BetterSqlite3 from 'better-sqlite3';
import { isPostgresUrl } from '../../src/repository/open.ts';
import { query } from './postgres-server.ts';

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
