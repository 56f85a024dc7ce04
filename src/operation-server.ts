import type { Authenticator } from './auth/authenticator.ts';
import { authorize, authorizeReset } from './auth/authorization.ts';
import type { Principal } from './auth/credentials.ts';
import { resourceOf } from './auth/resources.ts';
import type { Limits } from './limits/limits.ts';
import { TokenBuckets } from './limits/token-buckets.ts';
import { ServiceError } from './model/errors.ts';
import type { Caller, Context, Ids, Operation } from './model/operation.ts';
import { resourceTags } from './operations/resource-tags.ts';
import { onRepository, runOperation } from './operations/run.ts';
import type { Answers } from './protocol/answers.ts';
import { bodyBytesMax } from './protocol/body-limits.ts';
import { decodeInput, hasBodyMembers } from './protocol/decode.ts';
import { outputEncoder } from './protocol/encode.ts';
import { unknownOperation } from './protocol/errors.ts';
import { type HttpContext, readBody, requestTarget, wireRequest } from './protocol/http-request.ts';
import { parseDocument } from './protocol/json.ts';
import { checkAccept, checkContentType } from './protocol/negotiation.ts';
import { decodePageToken, encodePageToken, type Paging } from './protocol/page-token.ts';
import { isResolvedPath, labelsOf, queryOf } from './protocol/paths.ts';
import type { BodyReader } from './protocol/request-body.ts';
import { uncheckedInput } from './protocol/unchecked-input.ts';
import type { Repository } from './repository/repository.ts';
import type { Load } from './service/load.ts';

export interface OperationServerDependencies {
  readonly repository: Repository;
  /** Without one, everybody is `caller`. */
  readonly authenticator: Authenticator | undefined;
  readonly caller: Caller;
  readonly ids: Ids;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly answers: Answers;
  readonly bodies: BodyReader;
  readonly load: Load;
  readonly wakeSweeper: () => void;
}

type Labels = Readonly<Record<string, string>>;

/** Resetting takes no input: what is sent all the same is read, since a signature may be about it. */
const RESET_BODY_BYTES_MAX = 1024;

/** Who sends a request that was routed to an operation, and what came with it. */
interface Received {
  readonly operation: Operation;
  readonly http: HttpContext;
  readonly labels: Labels;
  readonly body: Uint8Array;
  readonly now: number;
}

/**
 * Takes requests through the stations that lie between a route and its answer: who sends it, may
 * they, what exactly do they ask for, is it too often; and then the operation.
 */
export class OperationServer {
  readonly #dependencies: OperationServerDependencies;
  readonly #buckets: TokenBuckets;

  constructor(dependencies: OperationServerDependencies) {
    this.#dependencies = dependencies;
    this.#buckets = new TokenBuckets(dependencies.limits.rates);
  }

  /** What answers the requests that are routed to an operation. */
  serve(operation: Operation): (http: HttpContext) => Promise<Response> {
    const { answers, bodies, clock, load } = this.#dependencies;
    const bytesMax = bodyBytesMax(operation.input);
    const names = labelsOf(operation.path);
    const encode = outputEncoder(operation.output);
    return async (http) => {
      const record = answers.begin(operation.name);
      const now = clock();
      let body: Uint8Array | undefined;
      try {
        const identified = await this.#identify(http, now);
        body = await readBody(http, bodies, bytesMax);
        // The canonical path has each segment encoded once, and Hono's parameters are decoded once.
        const labels = Object.fromEntries(names.map((name) => [name, http.req.param(name) ?? '']));
        const received = { operation, http, labels, body, now };
        const principal = identified?.authenticate(body);
        // A body that is on its way takes memory, which is bounded, and no work.
        const output = await load.run(() => this.#answer(received, principal));
        return answers.succeed(record, encode(output));
      } catch (error) {
        return answers.fail(record, error);
      } finally {
        if (body) bodies.release(body);
      }
    };
  }

  /**
   * What answers requests to reset the store: 204 when it is done. With authentication it takes a right
   * of its own.
   */
  serveReset(reset: () => Promise<void>): (http: HttpContext) => Promise<Response> {
    const { answers, bodies, clock, load } = this.#dependencies;
    return async (http) => {
      const record = answers.begin('Reset');
      let body: Uint8Array | undefined;
      try {
        const identified = await this.#identify(http, clock());
        body = await readBody(http, bodies, RESET_BODY_BYTES_MAX);
        const principal = identified?.authenticate(body);
        if (principal) authorizeReset(principal);
        await load.run(() => onRepository(reset));
        return answers.succeed(record, { status: 204, body: null });
      } catch (error) {
        return answers.fail(record, error);
      } finally {
        if (body) bodies.release(body);
      }
    };
  }

  /** Who may have sent the request: their signature is checked when its body has come. */
  async #identify(http: HttpContext, now: number) {
    const { authenticator, load } = this.#dependencies;
    if (authenticator === undefined) return undefined;
    // What is signed is a path without empty segments and dots; a path that has some must not lead
    // anywhere else.
    if (!isResolvedPath(requestTarget(http.req.raw, http.env))) throw unknownOperation();
    return load.prepare(() => onRepository(() => authenticator.identify(wireRequest(http), now)));
  }

  async #answer(received: Received, principal: Principal | undefined): Promise<unknown> {
    const { operation, now } = received;
    const { caller } = this.#dependencies;
    if (principal) await onRepository(() => this.#authorize(received, principal));
    const input = this.#decode(received);
    const { accountId, arn } = principal ?? caller;
    this.#throttle(operation, accountId, now);
    const context = this.#contextOf(operation, input as Paging, { ...caller, accountId, arn }, now);
    return runOperation(operation, context, input);
  }

  #authorize({ operation, http, labels, body }: Received, principal: Principal): Promise<void> {
    const { repository, caller: server } = this.#dependencies;
    const caller = { ...server, accountId: principal.accountId, arn: principal.arn };
    const asked = uncheckedInput(operation, body, queryOf(requestTarget(http.req.raw, http.env)));
    const resource = resourceOf(operation, { labels, body: asked.body }, caller);
    return authorize(principal, {
      operation: operation.name,
      resource,
      requestTags: asked.tags,
      tagKeys: asked.tagKeys,
      resourceTags: () => resourceTags(repository.autocommit, caller, resource),
    });
  }

  /** Negotiation, JSON, types, constraints. */
  #decode({ operation, http, labels, body }: Received) {
    checkAccept(http.req.header('accept'));
    const takesBody = hasBodyMembers(operation.input);
    if (takesBody) checkContentType(http.req.header('content-type'), body.byteLength);
    return decodeInput(operation.input, {
      labels,
      query: queryOf(requestTarget(http.req.raw, http.env)),
      body: takesBody ? parseDocument(body) : {},
    });
  }

  #throttle(operation: Operation, accountId: string, now: number): void {
    const waitMs = this.#buckets.take(accountId, operation.name, now);
    if (waitMs === undefined) return;
    throw new ServiceError('ThrottlingException', 'Rate exceeded', {
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  }

  #contextOf(operation: Operation, paging: Paging, caller: Caller, now: number): Context {
    const { repository, ids, limits, wakeSweeper } = this.#dependencies;
    return {
      repository,
      caller,
      ids,
      quotas: limits.quotas,
      now,
      pagePosition: () => decodePageToken(operation.name, paging),
      nextToken: (position) => encodePageToken(operation.name, paging, position),
      wakeSweeper,
    };
  }
}
