import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeSettings } from '../../src/config.ts';
import { readMetrics } from '../support/metrics.ts';
import { startTestService } from '../support/service.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What Prometheus makes of a histogram besides its own name. */
const suffix = /_(?:bucket|sum|count)$/;

test.each(['deploy/grafana-dashboard.json', 'deploy/alerts.yaml', 'docs/observability.md'])(
  '%s names no metric that a service does not have',
  async (path) => {
    const { service } = await startTestService({ metricsPort: 0 });
    const { text } = await readMetrics(service.metricsUrl ?? '');
    const known = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    const named = read(path).match(/\b(?:keyfold|nodejs|process)_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    const unknown = named.filter(
      (name) => !known.has(name) && !known.has(name.replace(suffix, '')),
    );
    expect(unknown).toEqual([]);
  },
);

test('the dashboard is one that Grafana can import', () => {
  const dashboard = JSON.parse(read('deploy/grafana-dashboard.json'));
  const ids = dashboard.panels.map(({ id }: { id: number }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { title, targets } of dashboard.panels)
    for (const { expr } of targets) expect([title, expr]).toEqual([title, expect.any(String)]);
});

test.each([
  'Dockerfile',
  'deploy/compose.sqlite.yaml',
  'deploy/compose.postgres.yaml',
  'deploy/kubernetes.yaml',
])('%s sets no variable that is not a setting', (path) => {
  const known = describeSettings().map(({ variable }) => variable);
  const named = read(path).match(/\bKEYFOLD_[A-Z_]+/g) ?? [];
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
