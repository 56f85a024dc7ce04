import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { UnitQueue } from '../../src/repository/engine/units.ts';
import { UnavailableError } from '../../src/repository/errors.ts';
import { insertHistory } from '../../src/repository/history.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { WriteSession } from '../../src/repository/session.ts';
import { has, insert, recordOf } from '../support/domain-rows.ts';
import { temporaryFolder } from '../support/folder.ts';

function open(file: string): Repository {
  const repository = openSqlite({ file, durability: 'full' });
  onTestFinished(() => repository.close());
  return repository;
}

function otherConnection(file: string) {
  const connection = new BetterSqlite3(file, { timeout: 0 });
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/**
 * A promise that needs the event loop to turn: nothing a unit of work may await. On a busy machine a timer
 * may be due before the loop has turned.
 */
const eventLoopTurn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(['a file', ':memory:'])('units of work on %s', (place) => {
  const openHere = () => open(place === ':memory:' ? place : join(temporaryFolder(), 'keyfold.db'));

  test('a unit that fails rolls back alone among those that commit with it', async () => {
    const repository = openHere();
    const failing = async (session: WriteSession) => {
      await insert('half')(session);
      throw new Error('no');
    };
    const outcomes = await Promise.allSettled([
      repository.write(insert('before')),
      repository.write(failing),
      repository.write(insert('after')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await has(repository, 'before')).toBe(true);
    expect(await has(repository, 'half')).toBe(false);
    expect(await has(repository, 'after')).toBe(true);
  });

  test('a unit that awaits something else fails, stores nothing and hurts no other', async () => {
    const repository = openHere();
    let late: Promise<unknown> | undefined;
    const dawdling = async (session: WriteSession) => {
      await insert('early')(session);
      await eventLoopTurn();
      late = insert('late')(session);
      await late;
    };
    const outcomes = await Promise.allSettled([
      repository.write(insert('before')),
      repository.write(dawdling),
      repository.write(insert('after')),
      repository.write(insert('last')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    await eventLoopTurn();
    await eventLoopTurn();
    await expect(late).rejects.toThrow('this unit of work has ended');
    for (const name of ['early', 'late']) expect(await has(repository, name), name).toBe(false);
    for (const name of ['before', 'after', 'last'])
      expect(await has(repository, name), name).toBe(true);
  });
});

test('what a unit leaves to its end is not stored when it has awaited something else', async () => {
  const file = join(temporaryFolder(), 'keyfold.db');
  const repository = open(file);
  await repository.write(insert('kept'));
  const dawdling = async (session: WriteSession) => {
    insertHistory(session, recordOf('kept'));
    await eventLoopTurn();
  };
  await expect(repository.write(dawdling)).rejects.toThrow('awaited something other');
  await eventLoopTurn();
  await repository.write(insert('after'));
  const records = otherConnection(file).prepare('select count(*) from profile_history').pluck();
  expect(records.get()).toBe(0);
});

test('units wait while they are paused, and no transaction is open', async () => {
  const connection = otherConnection(':memory:');
  const command = (sql: string) => () => void connection.exec(sql);
  const transactions = {
    begin: command('BEGIN'),
    commit: command('COMMIT'),
    rollback: command('ROLLBACK'),
    savepoint: command('SAVEPOINT unit'),
    release: command('RELEASE unit'),
    rollbackToSavepoint: command('ROLLBACK TO unit'),
    isOpen: () => connection.inTransaction,
    isBusy: () => false,
  };
  const pause = Promise.withResolvers<void>();
  let paused: Promise<void> | undefined = pause.promise;
  const options = { start: 'next-turn', savepoints: true, paused: () => paused } as const;
  const queue = new UnitQueue(transactions, options);
  let runs = 0;
  const unit = async () => {
    runs += 1;
  };
  const first = queue.add(unit, () => {});
  for (let turns = 0; turns < 5; turns++) await eventLoopTurn();
  expect([runs, connection.inTransaction]).toEqual([0, false]);
  const second = queue.add(unit, () => {});
  paused = undefined;
  pause.resolve();
  await Promise.all([first, second]);
  expect(runs).toBe(2);
});

describe.each(['a file', ':memory:'])('units that take long, on %s', (place) => {
  test('let the rest of the process have its turn between them', async () => {
    const repository = open(place === ':memory:' ? place : join(temporaryFolder(), 'keyfold.db'));
    const events: ('turn' | 'unit')[] = [];
    let turning = setImmediate(function turn() {
      events.push('turn');
      turning = setImmediate(turn);
    });
    const long = async (session: WriteSession, name: string) => {
      await insert(name)(session);
      const end = performance.now() + 15;
      while (performance.now() < end);
      events.push('unit');
    };
    const names = Array.from({ length: 8 }, (_, index) => `long-${index}`);
    await Promise.all(names.map((name) => repository.write((session) => long(session, name))));
    clearImmediate(turning);
    expect(events.filter((event) => event === 'unit')).toHaveLength(names.length);
    expect(events.slice(events.indexOf('unit'), events.lastIndexOf('unit'))).toContain('turn');
    for (const name of names) expect(await has(repository, name), name).toBe(true);
  });
});

describe.each(['a file', ':memory:'])('units that wait, on %s', (place) => {
  const openHere = () => open(place === ':memory:' ? place : join(temporaryFolder(), 'keyfold.db'));

  test('run in the order of their places, and without one behind all others', async () => {
    const repository = openHere();
    const order: string[] = [];
    const write = (name: string, place?: number) =>
      repository.write(async (session) => {
        order.push(name);
        await insert(name)(session);
      }, place);
    const early = repository.inOrder([
      async (place) => {
        await null;
        await Promise.all([write('early', place), write('early too', place)]);
      },
    ]);
    const units = [write('first'), write('second')];
    await null;
    await Promise.all([early, ...units, write('last')]);
    expect(order).toEqual(['early', 'early too', 'first', 'second', 'last']);
  });

  test('of tasks in order share a commit', async () => {
    const groups: number[] = [];
    const file = place === ':memory:' ? place : join(temporaryFolder(), 'keyfold.db');
    const observer = { committed: (units: number) => void groups.push(units) };
    const repository = openSqlite({ file, durability: 'full' }, { observer });
    onTestFinished(() => repository.close());
    const names = Array.from({ length: 10 }, (_, index) => `item-${index}`);
    await repository.inOrder(names.map((name) => () => repository.write(insert(name))));
    // Few at once: others wait behind them.
    expect(groups).toEqual([3, 3, 3, 1]);
  });

  test('start although the event loop does not turn, while others are refused', async () => {
    const repository = openHere();
    let isStored = false;
    const unit = repository.write(insert('started')).then(() => {
      isStored = true;
    });
    // Nothing but promises has its turn here.
    for (const end = performance.now() + 10_000; !isStored && performance.now() < end; ) {
      repository.keepUp();
      await null;
    }
    expect(isStored).toBe(true);
    await unit;
    expect(await has(repository, 'started')).toBe(true);
  });
});

describe('several processes on one file', () => {
  test('an answered write is on disk for another connection', async () => {
    const file = join(temporaryFolder(), 'keyfold.db');
    const repository = open(file);
    const other = otherConnection(file);
    await repository.write(insert('seen'));
    expect(other.prepare('select name from domains').all()).toEqual([{ name: 'seen' }]);
  });

  test('a write waits for another process that holds the lock', async () => {
    const file = join(temporaryFolder(), 'keyfold.db');
    const repository = open(file);
    const other = otherConnection(file);
    other.exec('BEGIN IMMEDIATE');
    let isAnswered = false;
    const write = repository.write(insert('waits')).then(() => {
      isAnswered = true;
    });
    // Reads go on, and so does the event loop.
    expect(await has(repository, 'waits')).toBe(false);
    await eventLoopTurn();
    expect(isAnswered).toBe(false);
    other.exec('COMMIT');
    await write;
    expect(await has(repository, 'waits')).toBe(true);
  });

  test('a write that never gets the lock is refused as unavailable, and the next one works', async () => {
    const file = join(temporaryFolder(), 'keyfold.db');
    const repository = open(file);
    const other = otherConnection(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(repository.write(insert('never'))).rejects.toThrow(UnavailableError);
    other.exec('COMMIT');
    await repository.write(insert('next'));
    expect(await has(repository, 'never')).toBe(false);
  });
});
