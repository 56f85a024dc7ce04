import { type Service, type ServiceOptions, startService } from './start-service.ts';

export type { Ids } from './model/operation.ts';
export { DatabaseRefusedError } from './repository/errors.ts';
export type { Service, ServiceOptions } from './start-service.ts';

/**
 * Starts a Keyfold inside this process, for tests and for embedding. Services share nothing: each
 * has its own store and its own port.
 *
 *     const keyfold = await createService({ database: ':memory:', port: 0 });
 *     const client = new CustomerProfilesClient({ endpoint: keyfold.url, … });
 *     …
 *     await keyfold.close();
 *
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export function createService(options: ServiceOptions = {}): Promise<Service> {
  return startService(options, { ownsProcess: false });
}
