import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context as HonoContext } from 'hono';
import type { Logger } from 'pino';
import { ServiceError } from './model/errors.ts';
import type { Caller, Context, Ids, Operation } from './model/operation.ts';
import { notImplemented } from './operations/not-implemented.ts';
import { runOperation } from './operations/run.ts';
import { decodeInput, hasBodyMembers } from './protocol/decode.ts';
import { encodeError, ProtocolError } from './protocol/errors.ts';
import { parseDocument } from './protocol/json.ts';
import { checkAccept, checkContentType } from './protocol/negotiation.ts';
import { decodePageToken, encodePageToken, type Paging } from './protocol/page-token.ts';
import { byLiteralFirst, canonicalPath, labelsOf, queryOf, routePath } from './protocol/paths.ts';
import { RequestAbortedError, readIncomingBody, readRequestBody } from './protocol/request-body.ts';
import type { Repository } from './repository/repository.ts';
import { healthRoutes } from './service/health.ts';
import type { Lifecycle } from './service/lifecycle.ts';

export interface AppDependencies {
  readonly operations: readonly Operation[];
  readonly repository: Repository;
  readonly caller: Caller;
  readonly ids: Ids;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly wakeSweeper: () => void;
}

/** `app.request()` comes without a socket, and then without bindings. */
type Environment = { Bindings: Partial<HttpBindings> };
type HttpContext = HonoContext<Environment>;

/** The request target as it came over the wire: Hono's URL is normalised. */
function requestTarget(request: Request, bindings: Partial<HttpBindings> | undefined): string {
  return bindings?.incoming?.url ?? request.url;
}

/** What is known of a request when its answer is logged: never a value of its input. */
interface RequestRecord {
  readonly requestId: string;
  readonly operation: string;
  readonly startedAt: number;
}

const noBody = new Uint8Array();

/** A request without either header has no body (RFC 9112, 6.3): nothing to wait for. */
function readBody({ env, req }: HttpContext): Promise<Uint8Array> | Uint8Array {
  const incoming = env?.incoming;
  if (incoming === undefined) return readRequestBody(req.raw);
  const { headers } = incoming;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    return noBody;
  return readIncomingBody(incoming);
}

/** Decodes a request of an operation: negotiation, size, JSON, types, constraints. */
async function decodeRequest(operation: Operation, http: HttpContext) {
  checkAccept(http.req.header('accept'));
  const bytes = await readBody(http);
  const takesBody = hasBodyMembers(operation.input);
  if (takesBody) checkContentType(http.req.header('content-type'), bytes.byteLength);
  // The canonical path has each segment encoded once, and Hono's parameters are decoded once.
  const labels = labelsOf(operation.path).map((name) => [name, http.req.param(name) ?? '']);
  return decodeInput(operation.input, {
    labels: Object.fromEntries(labels),
    query: queryOf(requestTarget(http.req.raw, http.env)),
    body: takesBody ? parseDocument(bytes) : {},
  });
}

/**
 * The HTTP application: one route for each operation of the registry, 501 for the operations of the
 * API that it lacks, and health. It reads no environment and listens nowhere.
 */
export function buildApp(dependencies: AppDependencies): Hono<Environment> {
  const { repository, caller, ids, clock, log, lifecycle, wakeSweeper } = dependencies;
  const app = new Hono<Environment>({
    // A path that can't be decoded matches nothing.
    getPath: (request, options) =>
      canonicalPath(requestTarget(request, options?.env as Partial<HttpBindings>)) ?? '/',
  });

  const finish = (record: RequestRecord, status: number, body: string, errorType?: string) => {
    const { requestId, operation, startedAt } = record;
    const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000;
    log.info({ requestId, operation, status, errorType, durationMs });
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'x-amzn-RequestId': requestId,
    };
    if (errorType !== undefined) headers['x-amzn-errortype'] = errorType;
    // A connection that stays open would keep a stopping process waiting; an unread body can't be
    // followed by another request.
    if (lifecycle.isStopping || status === 413) headers.Connection = 'close';
    return new Response(body, { status, headers });
  };

  const fail = (record: RequestRecord, error: unknown) => {
    if (error instanceof ServiceError || error instanceof ProtocolError) {
      if (error.cause !== undefined) log.error({ requestId: record.requestId, err: error.cause });
      const { status, body } = encodeError(error.code, error.message);
      return finish(record, status, body, error.code);
    }
    if (error instanceof RequestAbortedError) {
      // Nobody reads this answer; the log line says what became of the request.
      return finish(record, 400, '{}', 'RequestAborted');
    }
    log.error({ requestId: record.requestId, err: error });
    const { status, body } = encodeError(
      'InternalServerException',
      'An internal error has occurred.',
    );
    return finish(record, status, body, 'InternalServerException');
  };

  const begin = (operation: string): RequestRecord => ({
    requestId: randomUUID(),
    operation,
    startedAt: performance.now(),
  });

  const serve = (operation: Operation) => async (http: HttpContext) => {
    const record = begin(operation.name);
    try {
      const input = await decodeRequest(operation, http);
      const paging = input as Paging;
      const context: Context = {
        repository,
        caller,
        ids,
        now: clock(),
        pagePosition: () => decodePageToken(operation.name, paging),
        nextToken: (position) => encodePageToken(operation.name, paging, position),
        wakeSweeper,
      };
      const output = await runOperation(operation, context, input);
      return finish(record, 200, JSON.stringify(output));
    } catch (error) {
      return fail(record, error);
    }
  };

  const refuse = (name: string) => () =>
    fail(
      begin(name),
      new ProtocolError('NotImplementedException', `Keyfold does not implement ${name} yet.`),
    );

  const routes = [
    ...dependencies.operations.map((operation) => ({ ...operation, handle: serve(operation) })),
    ...notImplemented.map((operation) => ({ ...operation, handle: refuse(operation.name) })),
  ];
  for (const { method, path, handle } of routes.sort((a, b) => byLiteralFirst(a.path, b.path)))
    app.on(method, routePath(path), handle);
  app.route('/health', healthRoutes(repository, lifecycle, log));

  app.notFound(() =>
    fail(
      begin('unknown'),
      new ProtocolError('UnknownOperationException', 'The API has no operation at this path.'),
    ),
  );
  app.onError((error) => fail(begin('unknown'), error));
  return app;
}

/** The application that {@link buildApp} makes. */
export type App = ReturnType<typeof buildApp>;
