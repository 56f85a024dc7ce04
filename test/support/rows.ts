import BetterSqlite3 from 'better-sqlite3';

/** How many rows a table of a database file has, seen by another connection. */
export function countRows(file: string, table: string, where = 'true'): number {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    const sql = `select count(*) from ${table} where ${where}`;
    return connection.prepare(sql).pluck().get() as number;
  } finally {
    connection.close();
  }
}

/** The same for every table of profile data. */
export function countAllRows(file: string): Record<string, number> {
  const tables = ['domains', 'domain_counts', 'profiles', 'profile_keys'];
  return Object.fromEntries(tables.map((table) => [table, countRows(file, table)]));
}
