import type {
  Span,
  Context as SpanContext,
  SpanOptions,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import manifest from '../../package.json' with { type: 'json' };
import type { Operation } from '../model/operation.ts';
import { routePath as routeOf } from '../protocol/paths.ts';
import { TracingUnavailableError } from './errors.ts';

/** Traces of a process, on their way to a collector. */
export interface Tracing {
  readonly provider: TracerProvider;
  /** Sends what is left, if that can be done in a moment. Never rejects. */
  stop(): Promise<void>;
}

/** Paths and queries hold ids, names of attributes and signatures: the route tells what a span may. */
function withoutTarget(options: SpanOptions): SpanOptions {
  const { 'url.full': url, ...attributes } = options.attributes ?? {};
  const { origin } = new URL(String(url));
  return { ...options, attributes: { ...attributes, 'url.full': origin } };
}

/** A tracer whose spans don't repeat what a request says. */
function discreet(tracer: Tracer): Tracer {
  const startActiveSpan = <F extends (span: Span) => unknown>(
    ...[name, options, context, run]: [string, SpanOptions, SpanContext, F]
  ): ReturnType<F> => tracer.startActiveSpan(name, withoutTarget(options), context, run);
  return {
    startSpan: (name, options = {}, context) =>
      tracer.startSpan(name, withoutTarget(options), context),
    // Of its three signatures the middleware uses the last, with all four arguments.
    startActiveSpan: startActiveSpan as Tracer['startActiveSpan'],
  };
}

/**
 * What makes a span for each request, named after its operation, with its route, status and error code.
 *
 * @param provider where the spans go.
 */
export async function traceRequests(
  provider: TracerProvider,
  operations: readonly Operation[],
): Promise<MiddlewareHandler> {
  const { httpInstrumentationMiddleware } = await import('@hono/otel');
  const names = new Map(
    operations.map(({ method, path, name }) => [`${method} ${routeOf(path)}`, name]),
  );
  return httpInstrumentationMiddleware({
    tracer: discreet(provider.getTracer('keyfold', manifest.version)),
    spanNameFactory: (http: Context) => {
      const route = `${http.req.method} ${routePath(http)}`;
      return names.get(route) ?? route;
    },
    captureResponseHeaders: ['x-amzn-errortype', 'x-amzn-requestid'],
    captureActiveRequests: false,
  });
}

/** How long spans that are left may take at the end: a collector may be away, and it isn't what matters. */
const STOP_MS_MAX = 2_000;

async function stopInTime(
  provider: { shutdown(): Promise<void> },
  warn: (message: string) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      warn('the last spans could not be sent in time');
      resolve();
    }, STOP_MS_MAX);
  });
  const sent = provider.shutdown().catch((error: Error) => warn(error.message));
  await Promise.race([sent, late]);
  clearTimeout(timer);
}

/**
 * Sends traces by OTLP over HTTP, as the standard variables say: OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES and so on. Only for a process that is nothing but
 * Keyfold: it takes `traceparent` for the whole of it, and logs what the library warns of.
 *
 * @throws TracingUnavailableError when the packages for it are not installed.
 */
export async function openTracing(log: Logger): Promise<Tracing> {
  try {
    const { DiagLogLevel, diag, propagation } = await import('@opentelemetry/api');
    const { W3CTraceContextPropagator } = await import('@opentelemetry/core');
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
      '@opentelemetry/resources'
    );
    const { BasicTracerProvider, BatchSpanProcessor } = await import(
      '@opentelemetry/sdk-trace-base'
    );
    const own = resourceFromAttributes({
      'service.name': 'keyfold',
      'service.version': manifest.version,
    });
    const provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(own)
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    });
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    const warn = (message: string) => log.warn({ tracing: message });
    const ignore = () => {};
    const logger = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    return { provider, stop: () => stopInTime(provider, warn) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new TracingUnavailableError(
      'tracing needs the optional packages, which were left out when Keyfold was installed',
      { cause: error },
    );
  }
}
