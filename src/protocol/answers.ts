import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { ServiceError } from '../model/errors.ts';
import type { EncodedOutput } from './encode.ts';
import { encodeError, ProtocolError } from './errors.ts';
import { RequestAbortedError } from './request-body.ts';

/** What is known of a request when its answer is logged: never a value of its input. */
export interface RequestRecord {
  readonly requestId: string;
  readonly operation: string;
  readonly startedAt: number;
}

export interface AnswersDependencies {
  readonly log: Logger;
  /** Whether connections should end with the answer, because the service does. */
  readonly isStopping: () => boolean;
  /** Called for a request whose client went away before it was complete. */
  readonly countAborted: () => void;
  /** Makes the ids of requests; random ones by default. */
  readonly requestId?: (() => string) | undefined;
  readonly observer?: AnswerObserver | undefined;
}

/** Hears of each answer. */
export interface AnswerObserver {
  /**
   * @param operation its name, `unknown`, or `refused` when nobody has looked at what it is.
   * @param outcome `success`, or the code of the error.
   */
  answered(operation: string, outcome: string, durationMs: number): void;
}

/** An answer that has not been made a response of a server yet. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}

/** Makes the answers to requests, and one log line for each. */
export class Answers {
  readonly #dependencies: AnswersDependencies;

  constructor(dependencies: AnswersDependencies) {
    this.#dependencies = dependencies;
  }

  /** @param operation its name, or `unknown`. */
  begin(operation: string): RequestRecord {
    const { requestId = randomUUID } = this.#dependencies;
    return { requestId: requestId(), operation, startedAt: performance.now() };
  }

  succeed(record: RequestRecord, { status, body }: EncodedOutput): Response {
    return responseOf(this.#finish(record, status, body));
  }

  /** The same for a request that is refused before it is looked at. */
  refuse(error: ServiceError): Answer {
    const { status, body } = encodeError(error.code, error.message);
    return this.#finish(this.begin('refused'), status, body, error.code, error.retryAfterSeconds);
  }

  /** The answer to what went wrong. Of a fault it tells nothing but that there was one. */
  fail(record: RequestRecord, error: unknown): Response {
    const { log, countAborted } = this.#dependencies;
    const { requestId } = record;
    if (error instanceof RequestAbortedError) {
      countAborted();
      // Nobody reads this.
      return new Response(null, { status: 400 });
    }
    if (error instanceof ServiceError || error instanceof ProtocolError) {
      if (error.cause !== undefined) log.error({ requestId, err: error.cause });
      const { status, body } = encodeError(error.code, error.message);
      const retryAfter = error instanceof ServiceError ? error.retryAfterSeconds : undefined;
      return responseOf(this.#finish(record, status, body, error.code, retryAfter));
    }
    log.error({ requestId, err: error });
    const code = 'InternalServerException';
    const { status, body } = encodeError(code, 'An internal error has occurred.');
    return responseOf(this.#finish(record, status, body, code));
  }

  #finish(
    { requestId, operation, startedAt }: RequestRecord,
    status: number,
    body: string | null,
    errorType?: string,
    retryAfterSeconds?: number,
  ): Answer {
    const { log, isStopping, observer } = this.#dependencies;
    const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000;
    observer?.answered(operation, errorType ?? 'success', durationMs);
    log.info({ requestId, operation, status, errorType, durationMs });
    const headers: Record<string, string> = { 'x-amzn-RequestId': requestId };
    if (body !== null) headers['Content-Type'] = 'application/json';
    if (errorType !== undefined) headers['x-amzn-errortype'] = errorType;
    if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
    // A connection that stays open would keep a stopping process waiting. After a refused body it
    // stays: closing it under a client that still sends would take the answer away from it.
    if (isStopping()) headers.Connection = 'close';
    return { status, headers, body };
  }
}
