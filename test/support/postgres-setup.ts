import type { TestProject } from 'vitest/node';
import { PostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server on which the tests may create databases. */
    postgresUrl: string;
  }
}

/**
 * Gives the tests a PostgreSQL server: the one that `KEYFOLD_TEST_POSTGRES_URL` names, or one of
 * their own.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env.KEYFOLD_TEST_POSTGRES_URL;
  if (url !== undefined) {
    project.provide('postgresUrl', url);
    return async () => {};
  }
  const server = await PostgresServer.create();
  project.provide('postgresUrl', server.url());
  return () => server.remove();
}
