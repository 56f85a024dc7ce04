import { onTestFinished } from 'vitest';
import type * as z from 'zod';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { type Context, localCaller, type Operation } from '../../src/model/operation.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { runOperation } from '../../src/operations/run.ts';
import { openRepository } from '../../src/repository/open.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { createIds } from '../../src/service/ids.ts';
import { FakeClock } from './clock.ts';
import { testDatabase } from './database.ts';

const SEEDED_AT_ONCE = 50;

type Input<O extends Operation> = Parameters<O['handler']>[1];

/**
 * A real store in memory with a fake clock: what an operation's handler needs, without HTTP. `seed`
 * makes what a test takes for granted, through the operations themselves.
 */
export class TestStore {
  readonly clock = new FakeClock();
  readonly repository: Repository;
  readonly #ids = createIds();

  constructor(repository: Repository) {
    this.repository = repository;
  }

  context(overrides: Partial<Context> = {}): Context {
    return {
      repository: this.repository,
      caller: localCaller('000000000000', 'us-east-1'),
      ids: this.#ids,
      quotas: publishedQuotas,
      now: this.clock.now,
      pagePosition: () => undefined,
      nextToken: (position) => position,
      wakeSweeper: () => {},
      ...overrides,
    };
  }

  /** Runs an operation; its output must be what the operation declares. */
  async run<I extends z.ZodType, O extends z.ZodType>(
    operation: Operation<I, O>,
    input: z.output<I>,
    overrides: Partial<Context> = {},
  ): Promise<z.output<O>> {
    const output = await runOperation(operation, this.context(overrides), input);
    return operation.output.parse(JSON.parse(JSON.stringify(output)));
  }

  readonly seed = {
    /** A domain; the name `customers` unless the test cares. */
    domain: async (DomainName = 'customers', DefaultExpirationDays = 366): Promise<string> => {
      await this.run(createDomain, { DomainName, DefaultExpirationDays });
      return DomainName;
    },
    /** A profile of a domain; returns its id. */
    profile: async (
      DomainName: string,
      fields: Omit<Input<typeof createProfile>, 'DomainName'> = {},
    ): Promise<string> => {
      const { ProfileId } = await this.run(createProfile, { DomainName, ...fields });
      return ProfileId;
    },
    /** Many profiles, a few at a time: a queue of thousands is refused, and rightly. */
    profiles: async (
      DomainName: string,
      count: number,
      fields: Omit<Input<typeof createProfile>, 'DomainName'> = {},
    ): Promise<string[]> => {
      const profileIds: string[] = [];
      while (profileIds.length < count) {
        const length = Math.min(SEEDED_AT_ONCE, count - profileIds.length);
        const some = Array.from({ length }, () => this.seed.profile(DomainName, fields));
        profileIds.push(...(await Promise.all(some)));
      }
      return profileIds;
    },
    /** Values of a key of a profile. */
    key: async (
      DomainName: string,
      ProfileId: string,
      KeyName: string,
      ...Values: string[]
    ): Promise<void> => {
      await this.run(addProfileKey, { DomainName, ProfileId, KeyName, Values });
    },
  };
}

/** Opens a store for the running test, on the engine of this run; closed when the test ends. */
export async function openTestStore(database?: string): Promise<TestStore> {
  const repository = await openRepository({
    database: database ?? (await testDatabase()),
    durability: 'normal',
    poolSize: 10,
  });
  onTestFinished(() => repository.close());
  return new TestStore(repository);
}
