import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** What the adapter itself refuses, such as a Host header that is no host. */
function refuseRequest(): Response {
  const { status, body } = encodeError('SerializationException', 'The HTTP request is malformed.');
  const headers = {
    'Content-Type': 'application/json',
    'x-amzn-errortype': 'SerializationException',
    'x-amzn-RequestId': crypto.randomUUID(),
  };
  return new Response(body, { status, headers });
}

/**
 * Serves the application over HTTP.
 *
 * @throws the system's error when the address can't be taken.
 */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<HttpServer> {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: options.ownsProcess,
    errorHandler: refuseRequest,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
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
   */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const idleCheck = setInterval(() => this.#server.closeIdleConnections(), IDLE_CHECK_MS);
    const deadline = setTimeout(() => this.#server.closeAllConnections(), STOP_MS_MAX);
    await closed;
    clearInterval(idleCheck);
    clearTimeout(deadline);
  }
}
