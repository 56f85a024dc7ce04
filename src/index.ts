import type { Service } from './running-service.ts';
import { type ServiceOptions, startService } from './start-service.ts';

export type { IssuedCredentials, NewCredentials } from './auth/credentials.ts';
export { AccessRefusedError } from './auth/open-access.ts';
export { PolicyRefusedError } from './auth/policy-document.ts';
export { SealingKeyError } from './auth/sealed-secrets.ts';
export { type Limits, LimitsRefusedError, readLimits } from './limits/limits.ts';
export type { Rate } from './limits/token-buckets.ts';
export type { Ids, Quotas } from './model/operation.ts';
export { DatabaseRefusedError } from './repository/errors.ts';
export type { Service } from './running-service.ts';
export { sequentialIds } from './service/ids.ts';
export { JobLeftError, type Resolution } from './service/job-runner.ts';
export { type Seed, SeedRefusedError, type SeedStep } from './service/seed.ts';
export type { LogLevel, ServiceOptions } from './start-service.ts';
export { TracingUnavailableError } from './tracing/errors.ts';

/**
 * Starts a Keyfold inside this process, for tests and for embedding. Services share nothing: each
 * has its own store and its own port.
 *
 *     const keyfold = await createService({ database: ':memory:', port: 0 });
 *     const client = new CustomerProfilesClient({ endpoint: keyfold.url, … });
 *     …
 *     await keyfold.close();
 *
 * @throws AccessRefusedError when the address must not be served without authentication, or nobody could sign.
 * @throws SealingKeyError when the credentials key is none.
 * @throws TracingUnavailableError when traces are wanted and the packages that send them are missing.
 * @throws DatabaseRefusedError when the database can't be reached, or must not be opened.
 * @throws SeedRefusedError when the seed can't be used.
 * @throws an error of the system, with its `code`, when the address can't be taken.
 */
export function createService(options: ServiceOptions = {}): Promise<Service> {
  return startService(options, { ownsProcess: false });
}
