import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { encodeError } from '../protocol/errors.ts';

/** Longer than the SDKs keep an idle connection, so that they and not the server end it. */
const KEEP_ALIVE_MS = 65_000;
/** How long requests in progress may take to finish once the server stops. */
const STOP_MS_MAX = 8_000;
const IDLE_CHECK_MS = 50;

/** What answers requests: a Hono application. */
export type Fetch = Parameters<typeof getRequestListener>[0];

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Lets the adapter replace the global Request and Response by faster ones. Only a process that is
   * nothing but Keyfold may do that.
   */
  readonly ownsProcess: boolean;
}

/** The answer to what is no HTTP request at all, or none that could be routed. */
function refusal(): { headers: Record<string, string>; body: string; status: number } {
  const code = 'SerializationException';
  const { status, body } = encodeError(code, 'The HTTP request is malformed.');
  const headers = {
    'Content-Type': 'application/json',
    'x-amzn-errortype': code,
    'x-amzn-RequestId': crypto.randomUUID(),
  };
  return { status, body, headers };
}

/** Answers bytes that Node can't read as a request. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { headers, body } = refusal();
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const lines = [
    tooLarge ? 'HTTP/1.1 431 Request Header Fields Too Large' : 'HTTP/1.1 400 Bad Request',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Date: ${new Date().toUTCString()}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Nothing here depends on the Host header, and HTTP/1.0 has none; the adapter wants one. */
function completeHost(incoming: IncomingMessage): void {
  if (!incoming.headers.host && incoming.httpVersion === '1.0') incoming.headers.host = 'localhost';
}

/**
 * Serves the application over HTTP.
 *
 * @throws the system's error when the address can't be taken.
 */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<HttpServer> {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: options.ownsProcess,
    errorHandler: () => {
      const { body, ...init } = refusal();
      return new Response(body, init);
    },
  });
  const server = createServer(
    // A request without a Host is refused by the adapter, in the API's form.
    { keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false },
    (incoming, outgoing) => {
      completeHost(incoming);
      void listener(incoming, outgoing);
    },
  );
  server.on('clientError', refuseBytes);
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
