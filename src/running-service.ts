import type { App } from './app.ts';
import {
  type IssuedCredentials,
  issueCredentials,
  type NewCredentials,
} from './auth/credentials.ts';
import type { SecretSealer } from './auth/sealed-secrets.ts';
import type { MetricsListener } from './metrics/listener.ts';
import type { Observation } from './metrics/observation.ts';
import { insertCredentials, removeCredentials } from './repository/credentials.ts';
import type { Repository } from './repository/repository.ts';
import type { AbortedRequests } from './service/aborted-requests.ts';
import type { Background } from './service/background.ts';
import type { HttpServer } from './service/http-server.ts';
import type { JobRunner, Resolution } from './service/job-runner.ts';
import type { JobScheduler } from './service/job-scheduler.ts';
import type { Lifecycle } from './service/lifecycle.ts';
import type { Load } from './service/load.ts';

/** What answers requests without a socket, as a test may want to. */
export interface Application {
  request(input: string | URL | Request, init?: RequestInit): Response | Promise<Response>;
  fetch(request: Request): Response | Promise<Response>;
}

/** A running Keyfold. */
export interface Service {
  /** The endpoint for the SDKs: `http://127.0.0.1:4577`. */
  readonly url: string;
  /** Whether requests must be signed. */
  readonly isAuthenticated: boolean;
  /** The HTTP application, for requests without a socket: `app.request('/domains')`. */
  readonly app: Application;
  /** Where `/metrics` has a port of its own: its address. */
  readonly metricsUrl: string | undefined;
  /** Deletes every domain with all that is in it, and applies the seed anew if there is one. Credentials stay. */
  reset(): Promise<void>;
  /**
   * Makes credentials that requests can be signed with; their secret is not shown again.
   *
   * @param wanted for the service's own account and with all rights in it, unless it says otherwise.
   * @throws RangeError when an account, a user's name or a lifetime can't be one.
   * @throws PolicyRefusedError when a policy can't be taken.
   * @throws Error when the service doesn't authenticate requests.
   */
  createCredentials(wanted?: Partial<NewCredentials>): Promise<IssuedCredentials>;
  /** Takes credentials away, in every process within five seconds; false when nobody had them. */
  revokeCredentials(accessKeyId: string): Promise<boolean>;
  /**
   * Finds the duplicates in a domain now, as its weekly job does, and merges them where AutoMerging says
   * so.
   *
   * @param accountId whose domain it is; the default is the service's own.
   * @throws an error named ResourceNotFoundException without the domain, BadRequestException when
   *   Matching is off in it; JobLeftError when the job has not ended: the service is closed, the domain is
   *   gone, or another process goes on with it.
   */
  resolve(domainName: string, accountId?: string): Promise<Resolution>;
  /** Answers what is in progress, then stops. No answered write is lost. */
  close(): Promise<void>;
}

/** The parts of a service that outlive its start. */
export interface ServiceParts {
  readonly app: App;
  readonly server: HttpServer;
  readonly repository: Repository;
  readonly sweeper: Background;
  readonly matcher: Background;
  readonly merger: Background;
  readonly runner: JobRunner;
  readonly scheduler: JobScheduler;
  readonly lifecycle: Lifecycle;
  readonly load: Load;
  readonly abortedRequests: AbortedRequests;
  /** Empties the store, and seeds it anew. */
  readonly reset: () => Promise<void>;
  readonly observation: Observation;
  readonly metricsListener: MetricsListener | undefined;
  readonly tracing: { stop(): Promise<void> } | undefined;
  /** How long busy clients may take to hear that the service stops. */
  readonly graceMs: number;
  readonly sealer: SecretSealer | undefined;
  readonly accountId: string;
  readonly clock: () => number;
}

/** A {@link Service} of the parts that its start has put together. */
export class RunningService implements Service {
  readonly app: Application;
  readonly url: string;
  readonly isAuthenticated: boolean;
  readonly metricsUrl: string | undefined;
  readonly #parts: ServiceParts;
  #closed: Promise<void> | undefined;

  constructor(parts: ServiceParts) {
    this.app = parts.app;
    this.url = parts.server.url;
    this.isAuthenticated = parts.sealer !== undefined;
    this.metricsUrl = parts.metricsListener?.url;
    this.#parts = parts;
  }

  reset(): Promise<void> {
    return this.#parts.reset();
  }

  async createCredentials(wanted: Partial<NewCredentials> = {}): Promise<IssuedCredentials> {
    const { sealer, accountId, clock, repository } = this.#parts;
    if (sealer === undefined) throw new Error("this service doesn't authenticate requests");
    const { issued, row } = issueCredentials({ accountId, ...wanted }, sealer, clock());
    await repository.write((session) => insertCredentials(session, row));
    return issued;
  }

  revokeCredentials(accessKeyId: string): Promise<boolean> {
    return this.#parts.repository.write((session) => removeCredentials(session, accessKeyId));
  }

  async resolve(domainName: string, accountId = this.#parts.accountId): Promise<Resolution> {
    const resolution = await this.#parts.runner.resolve({ accountId, domainName });
    this.#parts.sweeper.wake();
    return resolution;
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #stop(): Promise<void> {
    const { lifecycle, server, graceMs, load, abortedRequests, repository } = this.#parts;
    const { scheduler, sweeper, matcher, merger, observation, metricsListener, tracing } =
      this.#parts;
    lifecycle.stop();
    await server.stop(graceMs);
    load.stop();
    abortedRequests.stop();
    await Promise.all([scheduler.stop(), sweeper.stop(), matcher.stop(), merger.stop()]);
    await metricsListener?.stop();
    await observation.stop();
    await tracing?.stop();
    await repository.close();
  }
}
