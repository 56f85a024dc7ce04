import {
  CreateDomainCommand,
  CreateProfileCommand,
  GetDomainCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { sharedDatabase, testDatabase } from '../support/database.ts';
import { readMetrics } from '../support/metrics.ts';
import { clientFor, send, startTestService } from '../support/service.ts';
import { startSignedService } from '../support/signing.ts';

const DomainName = 'customers';
const createDomain = new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 });

/** A service that counts from the start. */
const startMeasured = async (database: string) => {
  const { service, client } = await startTestService({ metricsPort: 0, database });
  return { service, client, read: () => readMetrics(service.metricsUrl ?? '') };
};

describe('metrics', () => {
  test('count requests by operation and outcome, and how long they took', async () => {
    const { client, read } = await startMeasured(await testDatabase());
    await client.send(createDomain);
    await expect(client.send(createDomain)).rejects.toThrow();
    await expect(client.send(new GetDomainCommand({ DomainName: 'none' }))).rejects.toThrow();
    const metrics = await read();
    const requests = (operation: string, outcome: string) =>
      metrics.value('keyfold_requests_total', { operation, outcome });
    expect(requests('CreateDomain', 'success')).toBe(1);
    expect(requests('CreateDomain', 'BadRequestException')).toBe(1);
    expect(requests('GetDomain', 'ResourceNotFoundException')).toBe(1);
    const CreateDomain = { operation: 'CreateDomain' };
    expect(metrics.value('keyfold_request_duration_seconds_count', CreateDomain)).toBe(2);
    expect(metrics.value('keyfold_requests_in_progress')).toBe(0);
  });

  test('tell of the store, and of the process', async () => {
    const { client, read } = await startMeasured(await testDatabase());
    await client.send(createDomain);
    const metrics = await read();
    expect(metrics.value('keyfold_database_up')).toBe(1);
    expect(metrics.value('keyfold_database_bytes')).toBeGreaterThan(10_000);
    expect(metrics.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
    expect(metrics.value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  });

  test('never have what a request says among their labels', async () => {
    const { service, read } = await startMeasured(await testDatabase());
    await send(service, 'GET', '/domains/secret-name?next-token=secret-token');
    await send(service, 'GET', '/secret-path');
    const metrics = await read();
    expect(metrics.text).not.toContain('secret');
    const unknown = { operation: 'unknown', outcome: 'UnknownOperationException' };
    expect(metrics.value('keyfold_requests_total', unknown)).toBe(1);
  });

  test('are on the service itself where that takes unsigned requests, from the first time on', async () => {
    const { service, client } = await startTestService();
    await client.send(createDomain);
    const url = `${service.url}/metrics`;
    const before = await readMetrics(url);
    expect(before.find('keyfold_requests_total')).toEqual([]);
    await client.send(new GetDomainCommand({ DomainName }));
    const operation = { operation: 'GetDomain', outcome: 'success' };
    expect((await readMetrics(url)).value('keyfold_requests_total', operation)).toBe(1);
  });

  test('are not among what those without credentials can read', async () => {
    const service = await startSignedService({ metricsPort: 0 });
    const { status, errorType } = await send(service, 'GET', '/metrics');
    expect([status, errorType]).toEqual([404, 'UnknownOperationException']);
    const { text } = await readMetrics(service.metricsUrl ?? '');
    expect(text).toContain('keyfold_database_up 1');
  });

  test('have an address where nothing else is', async () => {
    const { service } = await startMeasured(await testDatabase());
    const { origin } = new URL(service.metricsUrl ?? '');
    expect((await fetch(`${origin}/domains`)).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  test('end with the service', async () => {
    const { service } = await startMeasured(await testDatabase());
    await service.close();
    await expect(fetch(service.metricsUrl ?? '')).rejects.toThrow();
  });
});

test.runIf(process.env.KEYFOLD_TEST_ENGINE !== 'postgres')(
  'on SQLite, writes that come together are one commit',
  async () => {
    const { service, client, read } = await startMeasured(await sharedDatabase());
    await client.send(createDomain);
    const clients = Array.from({ length: 8 }, () => clientFor(service.url));
    await Promise.all(clients.map((each) => each.send(new CreateProfileCommand({ DomainName }))));
    const metrics = await read();
    const commits = metrics.value('keyfold_commit_units_count');
    expect(metrics.value('keyfold_commit_units_sum')).toBeGreaterThanOrEqual(9);
    expect(commits).toBeGreaterThanOrEqual(2);
    expect(metrics.value('keyfold_commit_duration_seconds_count')).toBe(commits);
    expect(metrics.value('keyfold_units_waiting', { kind: 'write' })).toBe(0);
    expect(metrics.find('keyfold_pool_connections')).toEqual([]);
  },
);

test.runIf(process.env.KEYFOLD_TEST_ENGINE === 'postgres')(
  'on PostgreSQL, the pool is told',
  async () => {
    const { client, read } = await startMeasured(await testDatabase());
    await client.send(createDomain);
    const metrics = await read();
    const open = ['idle', 'busy'].map((state) =>
      metrics.value('keyfold_pool_connections', { state }),
    );
    expect(open.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(1);
    expect(metrics.value('keyfold_pool_waiting')).toBe(0);
  },
);
