import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DomainRow, findDomain, insertDomain } from '../../src/repository/domains.ts';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import {
  AlreadyExistsError,
  ConflictError,
  UnavailableError,
} from '../../src/repository/errors.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { WriteSession } from '../../src/repository/session.ts';
import { temporaryFolder } from '../support/folder.ts';

const accountId = '000000000000';

function row(name: string): DomainRow {
  return {
    domainId: `id of ${name}`,
    accountId,
    name,
    defaultExpirationDays: 1,
    settings: '{}',
    createdAt: 0,
    updatedAt: 0,
  };
}

const insert = (name: string) => (session: WriteSession) => insertDomain(session, row(name));

async function has(repository: Repository, domainName: string): Promise<boolean> {
  const found = await repository.read((session) => findDomain(session, { accountId, domainName }));
  return found !== undefined;
}

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

/** A promise that needs the event loop to turn: nothing a unit of work may await. */
const eventLoopTurn = () => new Promise((resolve) => setTimeout(resolve, 1));

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

  test('a unit that violates a unique key fails alone', async () => {
    const repository = openHere();
    const outcomes = await Promise.allSettled(
      ['a', 'a', 'b'].map((name) => repository.write(insert(name))),
    );
    expect(outcomes[1]).toMatchObject({ reason: expect.any(AlreadyExistsError) });
    expect(await has(repository, 'b')).toBe(true);
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

  test('a session is dead when its unit has ended', async () => {
    const repository = openHere();
    const session = await repository.write(async (session) => session);
    await expect(insert('stray')(session)).rejects.toThrow('this unit of work has ended');
    expect(await has(repository, 'stray')).toBe(false);
  });

  test('a unit that loses a conflict runs again, and gives up in the end', async () => {
    const repository = openHere();
    let runs = 0;
    await repository.write(async (session) => {
      runs++;
      await insert(`run ${runs}`)(session);
      if (runs < 3) throw new ConflictError('changed');
    });
    expect(runs).toBe(3);
    expect(await has(repository, 'run 2')).toBe(false);
    expect(await has(repository, 'run 3')).toBe(true);
    const always = repository.write(async () => {
      throw new ConflictError('changed');
    });
    await expect(always).rejects.toThrow(ConflictError);
  });

  test('a read sees every write that was answered before it', async () => {
    const repository = openHere();
    for (let index = 0; index < 50; index++) {
      await repository.write(insert(`domain ${index}`));
      expect(await has(repository, `domain ${index}`)).toBe(true);
    }
  });

  test('a read sees one state, whatever commits meanwhile', async () => {
    const repository = openHere();
    const results = await Promise.all([
      repository.read(async (session) => {
        const before = await findDomain(session, { accountId, domainName: 'new' });
        for (let turn = 0; turn < 100; turn++) await null;
        return [before, await findDomain(session, { accountId, domainName: 'new' })];
      }),
      repository.write(insert('new')),
    ]);
    expect(results[0]).toEqual([undefined, undefined]);
  });

  test('closing finishes the units that wait and refuses later ones', async () => {
    const repository = openHere();
    const waiting = repository.write(insert('last'));
    const closing = repository.close();
    await expect(waiting).resolves.toBeUndefined();
    await closing;
    await expect(repository.write(insert('late'))).rejects.toThrow(UnavailableError);
    await expect(has(repository, 'last')).rejects.toThrow(UnavailableError);
  });

  test('clearing leaves nothing', async () => {
    const repository = openHere();
    await repository.write(insert('a'));
    await repository.clear();
    expect(await has(repository, 'a')).toBe(false);
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
