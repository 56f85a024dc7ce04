import { expect, onTestFinished, test } from 'vitest';
import { openPostgres } from '../../src/repository/engine/postgres.ts';
import { UnavailableError } from '../../src/repository/errors.ts';
import type { Place } from '../../src/repository/repository.ts';
import { sharedDatabase } from '../support/database.ts';
import { has, insert } from '../support/domain-rows.ts';
import { query } from '../support/postgres-server.ts';

/** A store with one connection: who has it keeps all others waiting. */
async function openWithOneConnection() {
  const url = await sharedDatabase();
  const repository = await openPostgres({ url, poolSize: 1 });
  onTestFinished(() => repository.close());
  const order: string[] = [];
  const write = async (name: string, place?: Place) => {
    await repository.write(insert(name), place);
    order.push(name);
  };
  const task = (name: string) => (place: Place) => write(name, place);
  return { url, repository, order, write, task };
}

test('units in order wait for a connection once', async () => {
  const { repository, order, write, task } = await openWithOneConnection();
  const before = write('before');
  const inOrder = repository.inOrder(['a', 'b', 'c'].map(task));
  await Promise.all([before, inOrder, write('after')]);
  expect(order).toEqual(['before', 'a', 'b', 'c', 'after']);
});

test('a unit that fails leaves the connection of those after it, and their failure leaves it to others', async () => {
  const { repository, write, task } = await openWithOneConnection();
  const forgiving = (place: Place) => write('a', place).catch(() => {});
  await repository.inOrder([task('a'), forgiving, task('b')]);
  await expect(repository.inOrder([task('c'), task('a'), task('d')])).rejects.toThrow('unique');
  await write('e');
  const there = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => has(repository, name)));
  expect(there).toEqual([true, true, true, false, true]);
});

test('a connection that breaks between units in order is replaced', async () => {
  const { url, repository, order, write, task } = await openWithOneConnection();
  const breaking = async (place: Place) => {
    await write('a', place);
    await query(
      url,
      'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  };
  await repository.inOrder([breaking, task('b')]);
  expect(order).toEqual(['a', 'b']);
  expect(await has(repository, 'b')).toBe(true);
});

test('closing between units in order refuses the rest, and ends', async () => {
  const { repository, task } = await openWithOneConnection();
  let closing: Promise<void> | undefined;
  const close = async () => {
    closing = repository.close();
  };
  await expect(repository.inOrder([task('a'), close, task('b')])).rejects.toThrow(UnavailableError);
  await closing;
});
