import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Logger } from 'pino';
import { checkLocalRequest } from './auth/loopback.ts';
import type { Exposition } from './metrics/metrics.ts';
import type { Operation } from './model/operation.ts';
import { OperationServer, type OperationServerDependencies } from './operation-server.ts';
import { notImplemented } from './operations/not-implemented.ts';
import { ProtocolError, unknownOperation } from './protocol/errors.ts';
import { type Environment, requestTarget } from './protocol/http-request.ts';
import { byLiteralFirst, canonicalPath, routePath } from './protocol/paths.ts';
import { referenceRoutes } from './reference/routes.ts';
import { healthRoutes } from './service/health.ts';
import type { Lifecycle } from './service/lifecycle.ts';

export interface AppDependencies extends OperationServerDependencies {
  readonly operations: readonly Operation[];
  /** Whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  /** Empties the store. */
  readonly reset: () => Promise<void>;
  /** What `/metrics` answers; absent where they are not for everybody who reaches the API. */
  readonly metrics: (() => Promise<Exposition>) | undefined;
  /** Goes around each request. */
  readonly tracing: MiddlewareHandler | undefined;
}

/** How long browsers may remember what CORS allows; they have a maximum of their own. */
const PREFLIGHT_SECONDS = 7_200;

/** What isn't the API's may be asked for by HEAD. */
const hasHead = /^\/(?:health\/.*|docs|openapi\.json|metrics)$/;

/**
 * Where a request is routed. A path that can't be decoded matches nothing, and neither does HEAD: the
 * API has no such operation, and Hono would answer it like GET.
 */
function routedPath(request: Request, bindings: Partial<HttpBindings> | undefined): string {
  const path = canonicalPath(requestTarget(request, bindings)) ?? '/';
  return request.method === 'HEAD' && !hasHead.test(path) ? '/' : path;
}

/** Lets the pages of some origins in. What they send is what they ask for; that is the SDK's. */
function allowOrigins(app: Hono<Environment>, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.use(
    cors({
      origin: [...origins],
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      // What the SDKs read of an answer besides its body: their clocks follow Date.
      exposeHeaders: ['x-amzn-RequestId', 'x-amzn-errortype', 'Date', 'Retry-After'],
      maxAge: PREFLIGHT_SECONDS,
    }),
  );
}

/** Answers only those who can be trusted without a signature: programs on this machine. */
function requireLocal(app: Hono<Environment>, origins: ReadonlySet<string>): void {
  app.use(async ({ env, req }, next) => {
    const incoming = env?.incoming;
    if (incoming !== undefined) {
      const [origin, fetchSite] = [req.header('origin'), req.header('sec-fetch-site')];
      checkLocalRequest({ host: incoming.headers.host, origin, fetchSite }, origins);
    }
    await next();
  });
}

/**
 * The HTTP application: one route for each operation of the registry, 501 for the operations of the
 * API that it lacks, and what is no part of the API: health, reference, metrics and reset, at paths that
 * none of its operations has. It reads no environment and listens nowhere.
 */
export function buildApp(dependencies: AppDependencies): Hono<Environment> {
  const { operations, answers, authenticator, corsOrigins } = dependencies;
  const { repository, lifecycle, log, reset, metrics, tracing } = dependencies;
  const app = new Hono<Environment>({
    getPath: (request, options) =>
      routedPath(request, options?.env as Partial<HttpBindings> | undefined),
  });
  if (tracing !== undefined) app.use(tracing);
  allowOrigins(app, corsOrigins);
  if (authenticator === undefined) requireLocal(app, new Set(corsOrigins));

  const server = new OperationServer(dependencies);
  const refuse = (name: string) => () =>
    answers.fail(
      answers.begin(name),
      new ProtocolError('NotImplementedException', `Keyfold does not implement ${name} yet.`),
    );
  const routes = [
    ...operations.map((operation) => ({ ...operation, handle: server.serve(operation) })),
    ...notImplemented.map((operation) => ({ ...operation, handle: refuse(operation.name) })),
  ];
  for (const { method, path, handle } of routes.sort((a, b) => byLiteralFirst(a.path, b.path)))
    app.on(method, routePath(path), handle);
  app.route('/health', healthRoutes(repository, lifecycle, log));
  app.route('/', referenceRoutes(operations, authenticator !== undefined));
  app.post('/_keyfold/reset', server.serveReset(reset));
  if (metrics !== undefined)
    app.get('/metrics', async (http) => {
      const { contentType, text } = await metrics();
      return http.body(text, 200, { 'Content-Type': contentType });
    });

  app.notFound(() => answers.fail(answers.begin('unknown'), unknownOperation()));
  app.onError((error) => answers.fail(answers.begin('unknown'), error));
  return app;
}

/** The application that {@link buildApp} makes. */
export type App = ReturnType<typeof buildApp>;
