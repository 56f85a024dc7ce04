import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { startService } from '../../src/start-service.ts';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { send } from '../support/service.ts';

test("a fault of the database is logged without the statement's parameters", async () => {
  const database = await sharedDatabase();
  let log = '';
  const logDestination = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const service = await startService(
    { database, logLevel: 'trace' },
    { ownsProcess: false, logDestination },
  );
  onTestFinished(() => service.close());
  await send(service, 'POST', '/domains/customers', { DefaultExpirationDays: 1 });
  await query(database, 'alter table profiles rename to elsewhere');
  try {
    const answer = await send(service, 'POST', '/domains/customers/profiles', {
      EmailAddress: 'secret.person@example.com',
    });
    expect([answer.status, answer.errorType]).toEqual([500, 'InternalServerException']);
    expect(JSON.stringify(answer.body)).not.toContain('profiles');
  } finally {
    await query(database, 'alter table elsewhere rename to profiles');
  }
  expect(log).toContain('42P01');
  expect(log).not.toContain('secret.person');
});
