import pg from 'pg';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { openPostgres } from '../../src/repository/engine/postgres.ts';
import { DOMAIN } from '../domains/customers.ts';
import { contextOf } from '../domains/plan.ts';

/** One message to the server: SQL, which may be several commands, and what stands for `$1`, `$2`, … */
export interface RecordedQuery {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface RecordInput {
  readonly url: string;
  readonly profileId: string;
  readonly keyName: string;
  /** Added one after another. */
  readonly values: readonly string[];
  readonly recordIds: readonly string[];
}

/** Watches what the driver sends, which goes on as before. Returns what ends that. */
function watchQueries(seen: (query: RecordedQuery) => void): () => void {
  const { prototype } = pg.Client;
  const send = prototype.query;
  const watched = function (this: pg.Client, query: string | pg.QueryConfig, values?: unknown[]) {
    const sql = typeof query === 'string' ? query : query.text;
    seen({ sql, values: values ?? [] });
    return Reflect.apply(send, this, [query, values]);
  };
  Object.assign(prototype, { query: watched });
  return () => Object.assign(prototype, { query: send });
}

/**
 * Adds keys by AddProfileKey on one connection and tells what it sent for the last of them: what a
 * benchmark of the database alone has to send.
 */
export async function recordAddProfileKey(input: RecordInput): Promise<RecordedQuery[]> {
  const { url, profileId: ProfileId, keyName: KeyName, values, recordIds } = input;
  const repository = await openPostgres({ url, poolSize: 1 });
  const context = contextOf(repository, Date.now());
  let recorded: RecordedQuery[] = [];
  const stop = watchQueries((query) => recorded.push(query));
  try {
    for (const [index, value] of values.entries()) {
      recorded = [];
      const ids = { ...context.ids, recordId: () => recordIds[index] ?? '' };
      const key = { DomainName: DOMAIN, ProfileId, KeyName, Values: [value] };
      await addProfileKey.handler({ ...context, ids }, key);
    }
    return recorded;
  } finally {
    stop();
    await repository.close();
  }
}
