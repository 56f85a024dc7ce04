import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { openPostgres } from '../../src/repository/engine/postgres.ts';
import { onDatabase, PostgresServer, query } from '../../test/support/postgres-server.ts';
import { fileSystemOf } from '../environment.ts';
import type { PartContext, Stoppable } from '../part.ts';
import { cachedDomain } from './cache.ts';
import type { DomainPlan } from './plan.ts';

/** How many rows one statement copies. */
const BATCH_ROWS = 2_000;

/** Durable, and with the memory that a server of that machine would be given. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '1GB',
  max_wal_size: '4GB',
};

/** A server of PostgreSQL for one part. */
export interface BenchPostgres extends Stoppable {
  readonly version: string;
  /** What the results say of its settings. */
  readonly note: string;
  /** Makes a database with a domain. Returns its URL. */
  database(name: string, plan: DomainPlan): Promise<string>;
}

/** The columns of a table, in the order of `unnest`, and their types. */
async function columnsOf(client: pg.Client, table: string) {
  const { rows } = await client.query<{ column_name: string; data_type: string }>(
    'select column_name, data_type from information_schema.columns where table_schema = current_schema() and table_name = $1 order by ordinal_position',
    [table],
  );
  return rows;
}

async function copyTable(source: BetterSqlite3.Database, client: pg.Client, table: string) {
  const columns = await columnsOf(client, table);
  const names = columns.map(({ column_name }) => column_name);
  const lists = columns.map(({ data_type }, index) => `$${index + 1}::${data_type}[]`);
  const insert = `insert into ${table} (${names}) select * from unnest(${lists})`;
  let batch: unknown[][] = [];
  const flush = async () => {
    if (batch.length > 0)
      await client.query(
        insert,
        names.map((_, index) => batch.map((row) => row[index])),
      );
    batch = [];
  };
  for (const row of source.prepare(`select ${names} from ${table}`).raw().iterate()) {
    // It is raw: a list of the row's columns.
    batch.push(row as unknown[]);
    if (batch.length === BATCH_ROWS) await flush();
  }
  await flush();
}

/** Fills a migrated database with every row of a SQLite one: the tables are the same. */
async function copyToPostgres(file: string, url: string): Promise<void> {
  const source = new BetterSqlite3(file, { readonly: true });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // What SQLite holds has satisfied the foreign keys.
    await client.query("set session_replication_role = 'replica'; set synchronous_commit = off");
    const tables = source
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like '\\_\\_%' escape '\\' and name not like 'sqlite%'",
      )
      .pluck()
      // It plucks the names.
      .all() as string[];
    for (const table of tables) await copyTable(source, client, table);
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  } finally {
    await client.end();
    source.close();
  }
}

/**
 * Starts the server that the tests use, with durability on.
 *
 * @returns why not, where there is none for this machine.
 */
export async function startPostgres({ own, say }: PartContext): Promise<BenchPostgres | string> {
  let server: PostgresServer;
  try {
    server = await PostgresServer.create(settings);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return `PostgreSQL: no server could be started: ${reason}`;
  }
  const { version } = (await query(server.url(), 'select version()'))[0] ?? {};
  const listed = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return own({
    stop: () => server.remove(),
    version: String(version).replace(/^PostgreSQL ([\d.]+).*$/, '$1'),
    note: `PostgreSQL on the same machine, ${listed.join(', ')}, its data on ${fileSystemOf(server.folder)}; Keyfold with its default pool of 10 connections.`,
    async database(name, plan) {
      const file = await cachedDomain(plan, say);
      await query(server.url(), `create database ${name} template template0`);
      const url = onDatabase(server.url(), name);
      await (await openPostgres({ url, poolSize: 1 })).close();
      const started = performance.now();
      await copyToPostgres(file, url);
      say(`copied ${name} to PostgreSQL in ${Math.round((performance.now() - started) / 1000)} s`);
      return url;
    },
  });
}
