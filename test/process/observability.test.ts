import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { readMetrics } from '../support/metrics.ts';
import { type KeyfoldProcess, serveDatabase, startProcess } from '../support/process.ts';
import { send } from '../support/service.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const domain = { DefaultExpirationDays: 1 };

/** The address of the metrics, as the line that is printed at the start has it. */
function metricsUrl({ stdout }: KeyfoldProcess): string {
  const [, url] = /metrics (http:\S+\/metrics)/.exec(stdout) ?? [];
  if (url === undefined) throw new Error(`no metrics in ${stdout}`);
  return url;
}

test('several workers have one account of what all of them do', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const env = { KEYFOLD_WORKERS: '2', KEYFOLD_METRICS_PORT: '0' };
  const { process, url } = await serveDatabase(database, env);
  const names = Array.from({ length: 8 }, (_, index) => `domain-${index}`);
  // Each has a connection of its own, which the workers take in turn.
  for (const name of names)
    await send({ url }, 'POST', `/domains/${name}`, domain, { Connection: 'close' });
  const metrics = await readMetrics(metricsUrl(process));
  const created = { operation: 'CreateDomain', outcome: 'success' };
  expect(metrics.value('keyfold_requests_total', created)).toBe(8);
  expect(metrics.value('keyfold_commit_units_sum')).toBeGreaterThanOrEqual(8);
  expect(metrics.value('keyfold_database_up')).toBe(1);
  expect(metrics.value('keyfold_build_info')).toBe(1);
  // A worker's own would be half of the truth.
  expect((await send({ url }, 'GET', '/metrics')).status).toBe(404);
  expect(await process.stop('SIGTERM')).toBe(0);
});

test('the bundle shows the reference, and metrics from the first time that they are asked for', async () => {
  const { url } = await serveDatabase(':memory:');
  expect((await send({ url }, 'GET', '/openapi.json')).body.openapi).toBe('3.1.1');
  expect(await (await fetch(`${url}/docs`)).text()).toContain('id="CreateDomain"');
  expect((await readMetrics(`${url}/metrics`)).value('keyfold_database_up')).toBe(1);
});

test('a seed fills the store of two workers once, and a wrong one is one line', async () => {
  const folder = temporaryFolder();
  const seed = join(folder, 'seed.json');
  const input = { DomainName: 'customers', ...domain };
  writeFileSync(seed, JSON.stringify([{ operation: 'CreateDomain', input }]));
  const env = { KEYFOLD_WORKERS: '2', KEYFOLD_SEED: seed };
  const { url } = await serveDatabase(join(folder, 'keyfold.db'), env);
  const { body } = await send({ url }, 'GET', '/domains');
  expect(body.Items).toHaveLength(1);

  writeFileSync(seed, JSON.stringify([{ operation: 'CreateDomain', input: {} }]));
  const refused = startProcess({ args: ['--port', '0', '--database', ':memory:', '--seed', seed] });
  expect(await refused.exited()).toBe(1);
  expect(refused.stderr).toMatch(/^keyfold: seed step 1, CreateDomain: .*\n$/);
});

test('two workers empty what both serve', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const { url } = await serveDatabase(database, { KEYFOLD_WORKERS: '2' });
  const close = { Connection: 'close' };
  await send({ url }, 'POST', '/domains/customers', domain, close);
  const reset = await fetch(`${url}/_keyfold/reset`, { method: 'POST', headers: close });
  expect(reset.status).toBe(204);
  for (let asked = 0; asked < 4; asked++)
    expect((await send({ url }, 'GET', '/domains', undefined, close)).body.Items).toEqual([]);
});

test('spans go to the endpoint that the standard variables name, with the trace of the caller', async () => {
  const { promise: exported, resolve } = Promise.withResolvers<string>();
  const collector = createServer(async (request, answer) => {
    const body = await text(request);
    answer.end('{}');
    if (request.url === '/v1/traces') resolve(body);
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  onTestFinished(() => {
    collector.close();
    collector.closeAllConnections();
  });
  const { port } = collector.address() as AddressInfo;
  const { process, url } = await serveDatabase(':memory:', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_SERVICE_NAME: 'crm',
  });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  await send({ url }, 'GET', '/domains', undefined, { traceparent });
  // Stopping sends what is left.
  expect(await process.stop('SIGTERM')).toBe(0);
  const [resourceSpans] = JSON.parse(await exported).resourceSpans;
  expect(resourceSpans.resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'crm' },
  });
  const spans = resourceSpans.scopeSpans.flatMap((scope: { spans: object[] }) => scope.spans);
  expect(spans).toMatchObject([{ name: 'ListDomains', traceId }]);
});

test('a collector that is away holds nothing up, and is told in the log', async () => {
  // Nobody listens on a port that was free a moment ago.
  const { process, url } = await serveDatabase(':memory:', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  });
  expect((await send({ url }, 'GET', '/domains')).status).toBe(200);
  expect(await process.stop('SIGTERM')).toBe(0);
  expect(process.stderr).toContain('"tracing":');
});
