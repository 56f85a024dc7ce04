import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

const READY_FOR_QUERY = 'Z'.charCodeAt(0);
/** A message's type, and its length, which counts itself. */
const HEADER_BYTES = 5;

/** When a connection breaks: `long before the server` has the message arrive all the same, late. */
export type Break = 'after the server' | 'before the server' | 'long before the server';

const LATE_MS = 300;

/** What a server says to a session that an administrator ends. */
function shutdownMessage(): Buffer {
  const fields = Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0');
  const head = Buffer.alloc(HEADER_BYTES);
  head.write('E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/**
 * Stands between a client and PostgreSQL and counts round trips: how often a client sends something once the server
 * has answered, which it ends with the message ReadyForQuery (PostgreSQL's protocol, 53.7). What a client sends in
 * one piece is one. It can also go silent or cut every connection, as networks do.
 */
export class PostgresProxy {
  roundTrips = 0;
  isSilent = false;
  /** Breaks the connection of the next message that has {@link PostgresProxy.breaksAt} in it. */
  breakNext: Break | undefined;
  breaksAt = 'COMMIT\0';
  /** How many of the next connections the server ends in the very moment they are ready. */
  endedWhenReady = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(target: string): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The target's URL, with the proxy's address. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    let pending = Buffer.alloc(0);
    let isBroken = false;
    let isReady = false;
    let endsNow = false;
    let isAnswered = true;
    server.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER_BYTES) {
        const length = 1 + pending.readUInt32BE(1);
        if (pending.length < length) break;
        if (pending[0] === READY_FOR_QUERY) {
          isAnswered = true;
          endsNow = !isReady && this.endedWhenReady > 0;
          isReady = true;
        }
        pending = pending.subarray(length);
      }
      if (endsNow) {
        this.endedWhenReady--;
        client.end(Buffer.concat([chunk, shutdownMessage()]));
        return;
      }
      if (isBroken) client.destroy();
      else if (!this.isSilent) client.write(chunk);
    });
    client.on('data', (chunk) => {
      if (isAnswered) this.roundTrips++;
      isAnswered = false;
      if (this.breakNext !== undefined && chunk.includes(this.breaksAt)) {
        isBroken = true;
        const moment = this.breakNext;
        this.breakNext = undefined;
        if (moment !== 'after the server') {
          // The client loses its connection; the server's stays open a while.
          client.removeAllListeners('close');
          client.destroy();
        }
        if (moment === 'before the server') server.destroy();
        if (moment === 'long before the server')
          setTimeout(() => server.write(chunk, () => server.end()), LATE_MS);
        else if (moment === 'after the server') server.write(chunk);
        return;
      }
      if (!this.isSilent) server.write(chunk);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  /** Breaks every connection; new ones work. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
