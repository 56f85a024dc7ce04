import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CreateDomainCommand, ListDomainsCommand } from '@aws-sdk/client-customer-profiles';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../support/folder.ts';
import { onDatabase, PostgresServer, query } from '../support/postgres-server.ts';
import { projectFolder, startProcess } from '../support/process.ts';
import { signedClient } from '../support/signing.ts';

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

type Variables = Readonly<Record<string, string>>;

/** How a file of `deploy/` has Keyfold run. */
interface Setup {
  /** The lines of the steps, in their order. */
  readonly steps: readonly string[];
  /** The arguments of the step that makes credentials. */
  readonly create: readonly string[];
  /** The arguments of the service. */
  readonly serve: readonly string[];
  readonly env: Variables;
  /** Which file of the steps is where for Keyfold. */
  readonly secrets: Variables;
}

/** What the image sets. */
function imageEnvironment(): Variables {
  const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(read('Dockerfile')) ?? [];
  const pairs = [...block.matchAll(/(\w+)=(\S+)/g)].filter(([, name]) => name !== 'PATH');
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

/** An instruction of the Dockerfile that is a list. */
function imageArguments(instruction: string): string[] {
  const [, list = ''] =
    new RegExp(`^ *${instruction} (\\[.*\\])$`, 'm').exec(read('Dockerfile')) ?? [];
  return JSON.parse(list);
}

const imageServes = imageArguments('CMD(?= \\["serve)');
const healthCheck = imageArguments('CMD(?= \\["node)').slice(1);

/** The lines of the steps in a file's comment. */
function stepsOf(path: string): string[] {
  return [...read(path).matchAll(/^# {3}(\S.*)$/gm)].map(([, line = '']) => line);
}

/** What follows `keyfold` in the step that makes credentials. */
function creation(steps: readonly string[]): string[] {
  const [, line = ''] = /keyfold (credentials create.*)$/m.exec(steps.join('\n')) ?? [];
  return line.split(' ');
}

function composeSetup(path: string): Setup {
  const { services, secrets } = parse(read(path));
  const { environment, secrets: names, command = imageServes } = services.keyfold;
  const steps = stepsOf(path);
  return {
    steps,
    create: creation(steps),
    serve: command,
    env: { ...imageEnvironment(), ...environment },
    secrets: Object.fromEntries(
      names.map((name: string) => [`/run/secrets/${name}`, basename(secrets[name].file)]),
    ),
  };
}

function kubernetesSetup(path: string): Setup {
  const [deployment] = parseAllDocuments(read(path)).map((each) => each.toJS());
  const [{ args, env, volumeMounts }] = deployment.spec.template.spec.containers;
  const steps = stepsOf(path);
  const keys = steps.join('\n').matchAll(/--from-file=(\S+)=(\S+)/g);
  return {
    steps,
    create: creation(steps),
    serve: args,
    env: {
      ...imageEnvironment(),
      ...Object.fromEntries(
        env.map(({ name, value }: { name: string; value: string }) => [name, value]),
      ),
    },
    secrets: Object.fromEntries(
      [...keys].map(([, key, file = '']) => [`${volumeMounts[0].mountPath}/${key}`, file]),
    ),
  };
}

/** Runs the steps that make files, as a shell does. */
function makeFiles({ steps }: Setup, cwd: string): void {
  const lines = steps.filter((line) => /^\(?(?:umask|openssl|printf) /.test(line));
  execFileSync('sh', ['-e', '-c', lines.join('\n')], { cwd });
}

/** Everything in a folder but what Keyfold may write to. */
function filesOf(folder: string): string[] {
  return globSync('**', { cwd: folder })
    .filter((path) => !/^data\//.test(path))
    .sort();
}

/** Variables with the paths of a container in a folder that is in its place. */
function inFolder(env: Variables, folder: string): Record<string, string> {
  const moved = Object.entries(env).map(([name, value]) => [
    name,
    value.startsWith('/') ? join(folder, value) : value,
  ]);
  return { ...Object.fromEntries(moved), TMPDIR: join(folder, 'absent') };
}

/** Any free port in the place of each that is set. */
function onFreePorts(env: Variables): Variables {
  const ports = Object.keys(env).filter((name) => name.endsWith('_PORT'));
  return { ...env, ...Object.fromEntries([...ports, 'KEYFOLD_PORT'].map((name) => [name, '0'])) };
}

async function runToItsEnd(args: readonly string[], env: Variables, cwd: string): Promise<string> {
  const process = startProcess({ args, env, cwd });
  expect([await process.exited(), process.stderr]).toEqual([0, '']);
  return process.stdout;
}

/** Does what the image's health check does; whether the container is healthy. */
function isHealthy(env: Variables): boolean {
  try {
    execFileSync(process.execPath, healthCheck, { env: { ...env }, stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** Makes credentials and then serves, in a folder; a client that signs must be answered. */
async function createAndServe(
  setup: Pick<Setup, 'create' | 'serve'>,
  env: Variables,
  folder: string,
) {
  const created = await runToItsEnd(setup.create, env, folder);
  const field = (name: string) => new RegExp(`^${name}: +(\\S+)$`, 'm').exec(created)?.[1] ?? '';
  const service = startProcess({ args: setup.serve, env: onFreePorts(env), cwd: folder });
  const served = await service.url();
  const url = served.replace('0.0.0.0', '127.0.0.1');
  const client = signedClient(
    { url },
    {
      accessKeyId: field('Access key id'),
      secretAccessKey: field('Secret access key'),
      accountId: field('Account'),
    },
  );
  const domain = { DomainName: 'customers', DefaultExpirationDays: 366 };
  await client.send(new CreateDomainCommand(domain));
  const { Items } = await client.send(new ListDomainsCommand({}));
  expect(Items).toMatchObject([{ DomainName: 'customers' }]);
  expect((await fetch(`${url}/domains`)).status).toBe(403);
  return { service, served: new URL(served) };
}

/** Why the steps can't be run here. */
const missing =
  process.env.CI === undefined && spawnSync('openssl', ['version']).status !== 0
    ? 'there is no openssl'
    : undefined;

describe.skipIf(missing !== undefined)(`the steps (${missing ?? 'run as processes'}) of`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  test.each([
    ['deploy/compose.sqlite.yaml', composeSetup],
    ['deploy/compose.postgres.yaml', composeSetup],
    ['deploy/kubernetes.yaml', kubernetesSetup],
  ])(
    '%s end with a service that answers who signs, and leave nothing outside /data',
    async (path, setupOf) => {
      const setup = setupOf(path);
      const [files, folder] = [temporaryFolder(), temporaryFolder()];
      makeFiles(setup, files);
      const made = readdirSync(files);
      expect(made).toEqual(expect.arrayContaining(Object.values(setup.secrets)));
      for (const file of made) expect(statSync(join(files, file)).mode & 0o077, file).toBe(0);
      // The example's server is not there: a database of the tests' own has its place.
      if (made.includes('postgres.url')) {
        const example = new URL(readFileSync(join(files, 'postgres.url'), 'utf8'));
        expect([example.protocol, example.username]).toEqual(['postgres:', 'keyfold']);
        const name = `keyfold_${basename(path).replace(/\W.*$/, '')}`;
        await query(server.url(), `create database ${name} encoding 'UTF8' template template0`);
        writeFileSync(join(files, 'postgres.url'), onDatabase(server.url(), name));
      }
      for (const [place, file] of Object.entries(setup.secrets)) {
        mkdirSync(join(folder, dirname(place)), { recursive: true });
        cpSync(join(files, file), join(folder, place));
      }
      mkdirSync(join(folder, 'data'));
      chmodSync(folder, 0o555);
      onTestFinished(() => chmodSync(folder, 0o755));
      const before = filesOf(folder);
      const steps = setup.steps.join('\n');
      expect(steps).toMatch(
        /keyfold credentials create.*(?:up -d|apply -f deploy\/kubernetes\.yaml)/s,
      );

      const env = inFolder(setup.env, folder);
      const { service, served } = await createAndServe(setup, env, folder);
      expect(served.hostname).toBe('0.0.0.0');
      const own = { ...env, KEYFOLD_PORT: served.port };
      expect(isHealthy(own)).toBe(true);
      expect(await service.stop('SIGTERM')).toBe(0);
      expect(isHealthy(own)).toBe(false);
      expect(filesOf(folder)).toEqual(before);
      expect(readdirSync(join(folder, 'data')).length > 0).toBe(path.includes('sqlite'));
    },
  );
});

test('the unit for systemd serves who signs on loopback, and writes to its own folder', async () => {
  const unit = read('deploy/keyfold.service');
  const valuesOf = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  const folder = temporaryFolder();
  const state = `/var/lib/${valuesOf('StateDirectory')[0]}`;
  expect(valuesOf('WorkingDirectory')).toEqual([state]);
  mkdirSync(join(folder, state), { recursive: true });
  // Where systemd would have put the key.
  const credentials = join(folder, 'credentials');
  const [id = ''] = valuesOf('LoadCredential').map((credential) => credential.split(':')[0]);
  mkdirSync(credentials);
  writeFileSync(join(credentials, id), Buffer.alloc(32, 3).toString('base64'), { mode: 0o400 });
  const [line = ''] = valuesOf('ExecStart');
  const serve = line
    .replace(/^.*start\.js /, '')
    .replace(/\$\{\w+\}/, credentials)
    .split(' ');
  const env = inFolder(
    Object.fromEntries(valuesOf('Environment').map((pair) => pair.split('='))),
    folder,
  );
  const create = ['credentials', 'create', ...serve.slice(1)];
  const { service, served } = await createAndServe({ create, serve }, env, join(folder, state));
  expect(served.hostname).toBe('127.0.0.1');
  expect(await service.stop('SIGTERM')).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['credentials', 'var']);
});

test('the health check of the image finds a service on the host of the variable', async () => {
  const host = '127.0.0.2';
  const env = { KEYFOLD_HOST: host, KEYFOLD_DATABASE: ':memory:' };
  const service = startProcess({ args: ['serve'], env: onFreePorts(env) });
  const { hostname, port } = new URL(await service.url());
  expect(hostname).toBe(host);
  expect(isHealthy({ KEYFOLD_HOST: host, KEYFOLD_PORT: port })).toBe(true);
  expect(isHealthy({ KEYFOLD_HOST: '127.0.0.1', KEYFOLD_PORT: port })).toBe(false);
});

test('a start finds what the build of the image has had Node compile, and adds nothing', async () => {
  const [, cache = ''] = /cache=(\S+)/.exec(read('Dockerfile')) ?? [];
  const [, script = '', args = ''] =
    / node (\/\S+\/start\.js) (.*) > /.exec(read('Dockerfile')) ?? [];
  expect(imageArguments('ENTRYPOINT')).toEqual(['node', script]);
  const folder = temporaryFolder();
  const installed = join(folder, dirname(dirname(dirname(script))));
  mkdirSync(installed, { recursive: true });
  for (const part of ['package.json', 'migrations'])
    cpSync(join(projectFolder, part), join(installed, part), { recursive: true });
  cpSync(join(projectFolder, 'dist/keyfold'), join(installed, 'dist/keyfold'), { recursive: true });
  symlinkSync(join(projectFolder, 'node_modules'), join(installed, 'node_modules'));
  mkdirSync(join(folder, cache));

  const run = { script: join(folder, script), cwd: folder };
  const warm = startProcess({ ...run, args: args.split(' ') });
  expect(await warm.exited()).toBe(0);
  const filesWithTimes = () =>
    globSync('**/*', { cwd: join(folder, cache) })
      .map((path) => `${path} ${statSync(join(folder, cache, path)).mtimeMs}`)
      .sort();
  const before = filesWithTimes();
  expect(before.length).toBeGreaterThan(1);

  const env = { KEYFOLD_DATABASE: ':memory:', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const service = startProcess({ ...run, args: ['serve', '--port', '0'], env });
  await service.url();
  expect(await service.stop('SIGTERM')).toBe(0);
  expect(service.stderr).toMatch(/accepted/);
  expect(filesWithTimes()).toEqual(before);
});
