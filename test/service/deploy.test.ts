import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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
