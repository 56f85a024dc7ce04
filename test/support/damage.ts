import { readFileSync, writeFileSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { changeRows } from './rows.ts';

/** Where the header of a file ends, at the beginning of its first page. */
const HEADER_BYTES = 100;

/**
 * Overwrites the first page of a table, or that of the schema, as a broken disk may. Nobody may have the
 * database open.
 */
export function damagePage(database: string, table: string): void {
  const connection = new BetterSqlite3(database);
  const page = connection
    .prepare('select rootpage from sqlite_schema where name = ?')
    .pluck()
    .get(table) as number | undefined;
  const bytes = connection.pragma('page_size', { simple: true }) as number;
  connection.close();
  const file = readFileSync(database);
  const start = page === undefined ? HEADER_BYTES : (page - 1) * bytes;
  file.fill(0xff, start, (page ?? 1) * bytes);
  writeFileSync(database, file);
}

/** Leaves an index on profiles with other rows than the table has. */
export function damageIndex(database: string): void {
  const connection = new BetterSqlite3(database);
  connection.unsafeMode();
  connection.exec(
    `create index spare on profiles (version); pragma writable_schema = on;
     update sqlite_schema set sql = 'CREATE INDEX spare on profiles (created_at)' where name = 'spare'`,
  );
  connection.close();
}

/** So many refused objects of a size in bytes in every domain, past the service: of today, so that they are kept. */
export function insertLetters(database: string, count: number, bytes: number): Promise<void> {
  return changeRows(
    database,
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
     insert into dead_letters select domain_id, printf('%032x', n), 'ticket', printf('%*s', ${bytes}, ''), 'r', 'somebody', unixepoch() * 1000
     from domains, numbers where ${count} > 0`,
  );
}
