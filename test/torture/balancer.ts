import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What stands in front of several processes: passes each connection to the first server of a list that
 * takes it. It looks at no request, and takes no connection away from a server.
 */
export class Balancer {
  /** The addresses of the servers, in the order in which they are tried. */
  urls: readonly string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((client) => {
      client.on('error', () => client.destroy());
      this.#pass(client, [...this.urls]);
    });
  }

  static async start(): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(client: Socket, [url, ...others]: string[]): void {
    if (url === undefined) {
      client.destroy();
      return;
    }
    const server = connect(Number(new URL(url).port), '127.0.0.1');
    server.once('error', () => this.#pass(client, others));
    server.once('connect', () => {
      server.removeAllListeners('error');
      for (const [socket, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroySoon();
        });
        socket.pipe(other);
      }
    });
  }
}
