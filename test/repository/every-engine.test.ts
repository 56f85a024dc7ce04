import { describe, expect, test } from 'vitest';
import { countNewProfiles, countsOfDomain } from '../../src/repository/domain-counts.ts';
import { findDomain } from '../../src/repository/domains.ts';
import {
  AlreadyExistsError,
  ConflictError,
  MissingParentError,
  UnavailableError,
} from '../../src/repository/errors.ts';
import { insertHistory } from '../../src/repository/history.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { WriteSession } from '../../src/repository/session.ts';
import { accountId, has, insert, recordOf } from '../support/domain-rows.ts';
import { openTestStore } from '../support/store.ts';

async function open(): Promise<Repository> {
  return (await openTestStore()).repository;
}

describe('units of work', () => {
  test('a unit that fails stores nothing, and those beside it are stored', async () => {
    const repository = await open();
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
    expect(await has(repository, 'half')).toBe(false);
    expect(await has(repository, 'after')).toBe(true);
  });

  test('of two units that want one unique key the later fails, and alone', async () => {
    const repository = await open();
    const outcomes = await Promise.allSettled(
      ['a', 'a', 'b'].map((name) => repository.write(insert(name))),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed).toMatchObject([{ reason: expect.any(AlreadyExistsError) }]);
    for (const name of ['a', 'b']) expect(await has(repository, name), name).toBe(true);
  });

  test('a unit that goes on after a failure is answered only if it is stored', async () => {
    const repository = await open();
    const stubborn = repository.write(async (session) => {
      await insert('kept')(session);
      await insert('kept')(session).catch(() => {});
    });
    const [outcome] = await Promise.allSettled([stubborn]);
    expect(await has(repository, 'kept')).toBe(outcome?.status === 'fulfilled');
  });

  test('what a unit leaves to its end is stored with it', async () => {
    const repository = await open();
    await repository.write(async (session) => {
      insertHistory(session, recordOf('kept'));
      // The record refers to it, and comes after it.
      await insert('kept')(session);
    });
    // It is there: the same one can't come again.
    const again = async (session: WriteSession) => insertHistory(session, recordOf('kept'));
    await expect(repository.write(again)).rejects.toThrow(AlreadyExistsError);
  });

  test('a unit fails with what it leaves to its end, and stores nothing', async () => {
    const repository = await open();
    const orphan = repository.write(async (session) => {
      await insert('half')(session);
      insertHistory(session, recordOf('nowhere'));
    });
    await expect(orphan).rejects.toThrow(MissingParentError);
    expect(await has(repository, 'half')).toBe(false);
    await repository.write(insert('after'));
    expect(await has(repository, 'after')).toBe(true);
  });

  test('a unit that runs again counts once', async () => {
    const store = await openTestStore();
    const DomainName = await store.seed.domain();
    const { repository } = store;
    const domain = await findDomain(repository.autocommit, { accountId, domainName: DomainName });
    const domainId = domain?.domainId ?? '';
    let runs = 0;
    await repository.write(async (session) => {
      countNewProfiles(session, domainId, ['a', 'b']);
      runs += 1;
      if (runs < 3) throw new ConflictError('changed');
      countNewProfiles(session, domainId, ['c']);
    });
    expect(await countsOfDomain(repository.autocommit, domainId)).toMatchObject({ profiles: 3 });
  });

  test('tasks in order store their units in that order, whatever else waits', async () => {
    const repository = await open();
    const order: string[] = [];
    const task = (name: string) => (place: number) =>
      repository.write(async (session) => {
        await insert(name)(session);
        order.push(name);
        return name;
      }, place);
    const names = ['a', 'b', 'c', 'd'];
    expect(await repository.inOrder(names.map(task))).toEqual(names);
    expect(order).toEqual(names);
  });

  test('tasks in order fail with the first failure, when those that have begun have ended', async () => {
    const repository = await open();
    let ended = 0;
    let begun = 0;
    const task = (name: string) => async () => {
      begun += 1;
      try {
        await repository.write(insert(name));
      } finally {
        ended += 1;
      }
    };
    const tasks = ['a', 'a', 'b'].map(task);
    await expect(repository.inOrder(tasks)).rejects.toThrow(AlreadyExistsError);
    expect(ended).toBe(begun);
    expect(await has(repository, 'a')).toBe(true);
  });

  test('a session is dead when its unit has ended', async () => {
    const repository = await open();
    const session = await repository.write(async (session) => session);
    await expect(insert('stray')(session)).rejects.toThrow('this unit of work has ended');
    expect(await has(repository, 'stray')).toBe(false);
  });

  test('a unit that loses a conflict runs again, and gives up in the end', async () => {
    const repository = await open();
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
    await expect(always).rejects.toSatisfy(
      (error) => error instanceof ConflictError || error instanceof UnavailableError,
    );
  });

  test('a read sees every write that was answered before it', async () => {
    const repository = await open();
    for (let index = 0; index < 50; index++) {
      await repository.write(insert(`domain ${index}`));
      expect(await has(repository, `domain ${index}`)).toBe(true);
    }
  });

  test('a statement alone sees every write that was answered, whatever reads are under way', async () => {
    const repository = await open();
    for (let index = 0; index < 20; index++) {
      const name = { accountId, domainName: `domain ${index}` };
      const reading = repository.read(async (session) => {
        for (let turn = 0; turn < 20; turn++) await findDomain(session, name);
      });
      await repository.write(insert(name.domainName));
      const alone = findDomain(repository.autocommit, name);
      await expect(alone).resolves.toMatchObject({ name: name.domainName });
      await reading;
    }
  });

  test('a read sees one state, whatever commits meanwhile', async () => {
    const repository = await open();
    const results = await Promise.all([
      repository.read(async (session) => {
        const before = await findDomain(session, { accountId, domainName: 'new' });
        for (let turn = 0; turn < 100; turn++) await null;
        return [before, await findDomain(session, { accountId, domainName: 'new' })];
      }),
      repository.write(insert('new')),
    ]);
    // Which of the two was first is open; the read must not have seen both before and after.
    const [before, after] = results[0];
    expect(after).toEqual(before);
  });

  test('a snapshot is of one moment for as long as it takes, and others go on', async () => {
    const repository = await open();
    await repository.write(insert('before'));
    const seen = await repository.snapshot(async (session) => {
      const names = ['before', 'meanwhile'];
      const there = async () => {
        const found = names.map((domainName) => findDomain(session, { accountId, domainName }));
        return (await Promise.all(found)).map((domain) => domain !== undefined);
      };
      const first = await there();
      await repository.write(insert('meanwhile'));
      expect(await has(repository, 'meanwhile')).toBe(true);
      return [first, await there()];
    });
    expect(seen).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  test('a snapshot fails with its work, and its session ends with it', async () => {
    const repository = await open();
    const failing = repository.snapshot(async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const session = await repository.snapshot(async (own) => own);
    const late = findDomain(session, { accountId, domainName: 'late' });
    await expect(late).rejects.toThrow('this unit of work has ended');
  });

  test('closing waits for a snapshot, and refuses later ones', async () => {
    const repository = await open();
    await repository.write(insert('there'));
    const { promise: isOpen, resolve } = Promise.withResolvers<void>();
    let closing: Promise<void> | undefined;
    const reading = repository.snapshot(async (session) => {
      resolve();
      await isOpen;
      closing = repository.close();
      return findDomain(session, { accountId, domainName: 'there' });
    });
    expect(await reading).toBeDefined();
    await closing;
    await expect(repository.snapshot(async () => 0)).rejects.toThrow(UnavailableError);
  });

  test('closing finishes the units that wait and refuses later ones', async () => {
    const repository = await open();
    const waiting = repository.write(insert('last'));
    const closing = repository.close();
    await expect(waiting).resolves.toBeUndefined();
    await closing;
    await expect(repository.write(insert('late'))).rejects.toThrow(UnavailableError);
    await expect(has(repository, 'last')).rejects.toThrow(UnavailableError);
    const alone = findDomain(repository.autocommit, { accountId, domainName: 'last' });
    await expect(alone).rejects.toThrow(UnavailableError);
  });

  test('clearing leaves nothing', async () => {
    const repository = await open();
    await repository.write(insert('a'));
    await repository.clear();
    expect(await has(repository, 'a')).toBe(false);
  });
});
