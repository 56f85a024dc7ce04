import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { query } from '../test/support/postgres-server.ts';
import { copyDomain } from './domains/cache.ts';
import type { DomainPlan } from './domains/plan.ts';
import { startPostgres } from './domains/postgres.ts';
import type { PartContext } from './part.ts';

/** How many levels an index has: how many pages a lookup reads. */
export interface IndexDepth {
  readonly levels: number;
  readonly how: string;
}

/** What a part that runs on both engines has of either. */
export interface Store {
  readonly engine: 'PostgreSQL' | 'SQLite';
  readonly versions: Readonly<Record<string, string>>;
  readonly note: string;
  /** A domain of the part's own: what Keyfold calls its database. */
  database(name: string, plan: DomainPlan): Promise<string>;
  /** Runs SQL that gives one text. */
  text(database: string, sql: string): Promise<string>;
  /** Runs SQL that gives one number. */
  count(database: string, sql: string): Promise<number>;
  /** The depth of the index that searches read. */
  searchDepth(database: string): Promise<IndexDepth>;
}

const SEARCH_INDEX = 'profile_keys_search';

function onSqlite(file: string, sql: string): unknown {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    return connection.prepare(sql).pluck().get();
  } finally {
    connection.close();
  }
}

function sqlite({ folder, say }: PartContext): Store {
  return {
    engine: 'SQLite',
    versions: {},
    note: 'SQLite with `synchronous=FULL`: every answered write is flushed.',
    database: (name, plan) => copyDomain(plan, join(folder, `${name}.db`), say),
    text: async (file, sql) => String(onSqlite(file, sql)),
    count: async (file, sql) => Number(onSqlite(file, sql)),
    searchDepth: async (file) => ({
      // A page's path has a slash for each level.
      levels: Number(
        onSqlite(
          file,
          `select max(length(path) - length(replace(path, '/', ''))) from dbstat where name = '${SEARCH_INDEX}'`,
        ),
      ),
      how: 'from dbstat',
    }),
  };
}

async function postgres(context: PartContext): Promise<Store | string> {
  const server = await startPostgres(context);
  if (typeof server === 'string') return server;
  const text = async (url: string, sql: string) => {
    const [row = {}] = await query(url, sql);
    return String(Object.values(row)[0]);
  };
  const count = async (url: string, sql: string) => Number(await text(url, sql));
  return {
    engine: 'PostgreSQL',
    versions: { PostgreSQL: server.version },
    note: server.note,
    database: server.database,
    text,
    count,
    async searchDepth(url) {
      const of = (column: string) =>
        count(url, `select ${column} from pg_class where relname = '${SEARCH_INDEX}'`);
      const [pages, tuples] = [await of('relpages'), await of('reltuples')];
      // An inner page has about as many entries as a leaf: both hold the indexed columns.
      const fanOut = tuples / pages;
      return {
        levels: 1 + Math.ceil(Math.log(pages) / Math.log(fanOut)),
        how: 'reckoned from its pages and rows',
      };
    },
  };
}

/** The store of an engine, or why there is none. */
export async function openStore(
  engine: Store['engine'],
  context: PartContext,
): Promise<Store | string> {
  return engine === 'SQLite' ? sqlite(context) : postgres(context);
}
