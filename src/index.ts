import type { Service } from './running-service.ts';
import { type ServiceOptions, startService } from './start-service.ts';

export type { IssuedCredentials, NewCredentials } from './auth/credentials.ts';
export { AccessRefusedError } from './auth/open-access.ts';
export { PolicyRefusedError } from './auth/policy-document.ts';
export { type Limits, LimitsRefusedError, readLimits } from './limits/limits.ts';
export type { Rate } from './limits/token-buckets.ts';
export type { Ids, Quotas } from './model/operation.ts';
export { DatabaseRefusedError } from './repository/errors.ts';
export type { Service } from './running-service.ts';
export type { Resolution } from './service/job-runner.ts';
export type { LogLevel, ServiceOptions } from './start-service.ts';

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
 * @throws AccessRefusedError when the address must not be served without authentication.
 */
export function createService(options: ServiceOptions = {}): Promise<Service> {
  return startService(options, { ownsProcess: false });
}
