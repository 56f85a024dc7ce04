import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { openPostgres } from '../../src/repository/engine/postgres.ts';
import { temporaryFolder } from './folder.ts';
import { onDatabase, query } from './postgres-server.ts';

/** The engine that this run of the tests is for; see vitest.config.ts. */
export const engine = process.env.KEYFOLD_TEST_ENGINE === 'postgres' ? 'postgres' : 'sqlite';

/** Databases of this worker that no test is using. */
const idle: string[] = [];

async function postgresDatabase(): Promise<string> {
  const server = inject('postgresUrl');
  let url = idle.pop();
  if (url === undefined) {
    const name = `keyfold_${randomUUID().replaceAll('-', '')}`;
    await query(server, `create database ${name} template template0`);
    url = onDatabase(server, name);
    const made = await openPostgres({ url, poolSize: 1 });
    await made.close();
  }
  const database = url;
  onTestFinished(async () => {
    await query(database, 'delete from domains; delete from credentials');
    idle.push(database);
  });
  return database;
}

/** An empty database of the running test's own, which several services may open. */
export async function sharedDatabase(): Promise<string> {
  return engine === 'postgres' ? postgresDatabase() : join(temporaryFolder(), 'keyfold.db');
}

/** An empty database of the running test's own, the fastest there is. */
export async function testDatabase(): Promise<string> {
  return engine === 'postgres' ? postgresDatabase() : ':memory:';
}
