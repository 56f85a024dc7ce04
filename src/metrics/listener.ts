import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exposition } from './metrics.ts';

/** Where metrics are served, and how that ends. */
export interface MetricsListener {
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
  stop(): Promise<void>;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/**
 * Serves metrics, and nothing else, on an address of their own: who may reach it decides who may read
 * them.
 *
 * @throws the system's error when the address can't be taken.
 */
export async function listenForMetrics(
  read: () => Promise<Exposition>,
  { host, port }: MetricsAddress,
): Promise<MetricsListener> {
  const server = createServer(async ({ method, url }, answer) => {
    if (method !== 'GET' || url?.split('?', 1)[0] !== '/metrics') {
      answer.writeHead(404, { 'Content-Type': 'text/plain' }).end('GET /metrics\n');
      return;
    }
    try {
      const { contentType, text } = await read();
      answer.writeHead(200, { 'Content-Type': contentType }).end(text);
    } catch {
      // A worker that doesn't answer in time, say.
      answer.writeHead(503, { 'Content-Type': 'text/plain' }).end('no metrics at the moment\n');
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: taken } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${name}:${taken}/metrics`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
