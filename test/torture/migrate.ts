import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { UNIT_TABLE } from '../../src/repository/engine/postgres-connection.ts';
import { isPostgresUrl } from '../../src/repository/engine/postgres-url.ts';
import { APPLICATION_ID } from '../../src/repository/engine/sqlite-file.ts';
import { migrationsOf } from '../../src/repository/migrations.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { query } from '../support/postgres-server.ts';
import { callWell } from './api.ts';
import { readStored } from './consistency.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

const MIGRATION_TABLE = '__drizzle_migrations';
const dieAtStatement = fileURLToPath(new URL('../support/die-at-statement.cjs', import.meta.url));

function serve(database: string, dying: Readonly<Record<string, string>> = {}): KeyfoldProcess {
  return new KeyfoldProcess({
    args: ['--port', '0', '--database', database],
    env: dying,
    nodeArgs: ['--require', dieAtStatement],
  });
}

async function run(database: string, sql: string): Promise<void> {
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

async function versionOf(database: string): Promise<number> {
  const sql = `select count(*) as version from ${MIGRATION_TABLE}`;
  if (isPostgresUrl(database)) return Number((await query(database, sql))[0]?.version);
  const connection = new BetterSqlite3(database, { readonly: true });
  try {
    return Number(connection.prepare(sql).pluck().get());
  } finally {
    connection.close();
  }
}

/** Makes a database as the program did that knew the first migrations only. */
async function makeOld(database: string, version: number): Promise<void> {
  if (version === 0) return;
  const isPostgres = isPostgresUrl(database);
  const migrations = migrationsOf(isPostgres ? 'postgres' : 'sqlite').slice(0, version);
  const marks = isPostgres
    ? `create table ${UNIT_TABLE} (unit_id text primary key, started_at timestamptz not null default now())`
    : `pragma application_id = ${APPLICATION_ID}; pragma journal_mode = wal`;
  const records = migrations.map(
    ({ hash, folderMillis }, index) =>
      `insert into ${MIGRATION_TABLE} values (${index + 1}, '${hash}', ${folderMillis})`,
  );
  await run(
    database,
    [
      marks,
      `create table ${MIGRATION_TABLE} (id integer primary key, hash text not null, created_at bigint)`,
      ...migrations.flatMap(({ sql }) => sql),
      ...records,
    ].join(';\n'),
  );
}

/** Starts a process that dies at a statement. Whether it did, and did not come to serve before. */
async function diesAt(database: string, statement: number, when: string): Promise<boolean> {
  const server = serve(database, {
    KEYFOLD_TEST_DIE_AT: String(statement),
    KEYFOLD_TEST_DIE_WHEN: when,
  });
  const isServing = await server.url().then(
    () => true,
    () => false,
  );
  const end = isServing ? await server.stop('SIGKILL') : await server.exited();
  if (!isServing && end !== 'SIGKILL') throw new Error(`ended with ${end}: ${server.stderr}`);
  return !isServing;
}

/** Two processes start at once on what a killed one has left; both must serve the same. */
async function expectTwoStarters(database: string): Promise<void> {
  const servers = [serve(database), serve(database)];
  try {
    const [first = '', second = ''] = await Promise.all(servers.map((server) => server.url()));
    await callWell(first, 'POST', '/domains/torture', { DefaultExpirationDays: 366 });
    await callWell(second, 'POST', '/domains/torture/profiles', { EmailAddress: 'a@example.com' });
  } finally {
    await Promise.all(servers.map((server) => server.stop('SIGTERM')));
  }
  const faults = [...(await readStored(database)).faults];
  const known = migrationsOf(isPostgresUrl(database) ? 'postgres' : 'sqlite').length;
  const version = await versionOf(database);
  if (version !== known) faults.push(`the schema is at version ${version}, not ${known}`);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** A program that knows less than made the database must leave it alone. */
async function expectRefusal(database: string): Promise<void> {
  await run(
    database,
    `insert into ${MIGRATION_TABLE} (id, hash, created_at) values (1000, 'of the future', 1)`,
  );
  const server = serve(database);
  const code = await server.exited();
  if (
    code !== 1 ||
    !/^keyfold: database [^\n]+ a newer Keyfold made it[^\n]+\n$/.test(server.stderr)
  )
    throw new Error(`a newer schema: ended with ${code}: ${server.stderr}`);
}

/**
 * Kills a process at each statement of its migration, starts two at once on what it leaves, and then
 * one on the database of a newer version. A cycle is one statement, before it or after; they begin
 * again when a process comes to serve.
 *
 * @param version of the database that the process finds; 0 for none.
 * @param step of how many statements one is tried.
 */
export async function tortureMigrate(torture: Run, version: number, step = 1): Promise<Figures> {
  const figures = { kills: 0, statements: 0, starts: 0, refusals: 0 };
  let statement = 1;
  let when = 'before';
  await eachCycle(torture, async (seed) => {
    const database = await torture.makeDatabase();
    await makeOld(database, version);
    try {
      if (await diesAt(database, statement, when)) figures.kills += 1;
      else {
        figures.statements = statement - 1;
        statement = 0;
      }
      await expectTwoStarters(database);
      figures.starts += 2;
      await expectRefusal(database);
      figures.refusals += 1;
    } catch (error) {
      throw violation(seed, `${when} statement ${statement}: ${(error as Error).message}`);
    }
    if (when === 'before' && statement > 0) when = 'after';
    else {
      when = 'before';
      statement += statement === 0 ? 1 : step;
    }
  });
  return figures;
}
