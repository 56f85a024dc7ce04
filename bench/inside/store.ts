import type { Context } from '../../src/model/operation.ts';
import { openRepository } from '../../src/repository/open.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { createIds } from '../../src/service/ids.ts';
import { contextOf } from '../domains/plan.ts';

const opened = new Map<string, Promise<Repository>>();

/**
 * What handlers work with on a database, in this process. It stays open from task to task, as in a
 * service.
 */
export async function contextOn(database: string, durability: 'full' | 'normal'): Promise<Context> {
  const found = opened.get(database) ?? openRepository({ database, durability, poolSize: 10 });
  opened.set(database, found);
  // Ids of every task are new ones.
  return { ...contextOf(await found, Date.now()), ids: createIds() };
}
