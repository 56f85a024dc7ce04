import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Answer } from '../protocol/answers.ts';
import {
  HEADERS_MAX,
  malformedRequest,
  refuseUnreadableBytes,
  tooManyHeaders,
} from './refusals.ts';

/** Longer than the SDKs keep an idle connection, so that they and not the server end it. */
const KEEP_ALIVE_MS = 65_000;
/** How long a client may take for the head of a request, and for all of it. */
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
/**
 * How long a connection with a request may lie still: the client takes nothing of its answer. Longer
 * than a request may take, so that a late one is answered.
 */
const STILL_MS_MAX = 60_000;
/** How long the body of a request may go on that was answered without it. */
const REFUSED_BODY_MS_MAX = 500;
/** How often the time of requests is checked. */
const TIMEOUT_CHECK_MS = 1_000;
/** How long requests in progress may take to finish once the server stops. */
const STOP_MS_MAX = 8_000;
const IDLE_CHECK_MS = 50;

/** What answers requests: a Hono application. */
export type Fetch = Parameters<typeof getRequestListener>[0];

/** How long clients may take, in milliseconds. */
export interface Timeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly stillMs: number;
  readonly checkMs: number;
}

const defaultTimeouts: Timeouts = {
  headersMs: HEADERS_MS_MAX,
  requestMs: REQUEST_MS_MAX,
  stillMs: STILL_MS_MAX,
  checkMs: TIMEOUT_CHECK_MS,
};

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Lets the adapter replace the global Request and Response by faster ones. Only a process that is
   * nothing but Keyfold may do that.
   */
  readonly ownsProcess: boolean;
  readonly timeouts?: Timeouts | undefined;
  /** Says what a request is answered that the application shall not see, or undefined. */
  readonly refuse?: ((incoming: IncomingMessage) => Answer | undefined) | undefined;
}

/** Which of its two or more hosts a request is for, nobody can tell: a proxy may think otherwise. */
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  return hosts > 1;
}

/** Nothing here depends on the Host header, and HTTP/1.0 has none; the adapter wants one. */
function completeHost(incoming: IncomingMessage): void {
  if (!incoming.headers.host && incoming.httpVersion === '1.0') incoming.headers.host = 'localhost';
}

/** Answers without the application. A body that is still on its way is passed over, if it comes soon. */
function answerWith(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { req: incoming } = outgoing;
  // All headers at once: Node then writes them without keeping a table of them.
  const length = Buffer.byteLength(body ?? '');
  outgoing.writeHead(status, { ...headers, 'Content-Length': length }).end(body);
  outgoing.once('finish', () => {
    if (incoming.complete) return;
    const end = setTimeout(() => incoming.destroy(), REFUSED_BODY_MS_MAX).unref();
    incoming.once('close', () => clearTimeout(end));
  });
}

/**
 * Serves the application over HTTP.
 *
 * @throws the system's error when the address can't be taken.
 */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<HttpServer> {
  const { timeouts = defaultTimeouts } = options;
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: options.ownsProcess,
    errorHandler: () => {
      const { body, ...init } = malformedRequest();
      return new Response(body, init);
    },
  });
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      connectionsCheckingInterval: timeouts.checkMs,
      // A request without a Host is refused by the adapter, in the API's form.
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      const isTooLong = incoming.rawHeaders.length > 2 * HEADERS_MAX;
      const isUnclear = isTooLong || hasSeveralHosts(incoming);
      if (isUnclear) return answerWith(outgoing, isTooLong ? tooManyHeaders() : malformedRequest());
      const refusal = options.refuse?.(incoming);
      if (refusal !== undefined) return answerWith(outgoing, refusal);
      completeHost(incoming);
      void listener(incoming, outgoing);
    },
  );
  // Node would drop what is too many, and nobody would know.
  server.maxHeadersCount = 0;
  server.timeout = timeouts.stillMs;
  refuseUnreadableBytes(server);
  // An expectation other than 100-continue may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', (incoming, outgoing) => {
    server.emit('request', incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return new HttpServer(server);
}

export class HttpServer {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /**
   * Stops listening, lets requests in progress finish and closes every connection, in at most eight
   * seconds. The application must answer with `Connection: close` meanwhile: a busy client would
   * otherwise keep its connection for ever.
   *
   * @param graceMs how long busy clients have to hear that before idle connections are closed: a
   *   request may be on its way on one.
   */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      // Not the HTTP server's own close: it would cut idle connections at once, and with them
      // requests that are on their way.
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
    let idleCheck: NodeJS.Timeout | undefined;
    const grace = setTimeout(() => {
      this.#server.closeIdleConnections();
      idleCheck = setInterval(() => this.#server.closeIdleConnections(), IDLE_CHECK_MS);
    }, graceMs);
    const deadline = setTimeout(() => this.#server.closeAllConnections(), STOP_MS_MAX);
    await closed;
    clearTimeout(grace);
    clearInterval(idleCheck);
    clearTimeout(deadline);
    // Ends the server's own timers; it has no connection left to close.
    this.#server.close();
  }
}
