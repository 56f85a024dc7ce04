import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAIN } from '../domains/customers.ts';
import { benchFolder, peerVersion } from '../environment.ts';
import { amazonHeaders } from '../load/requests.ts';
import { freePort, ServerProcess } from '../process/server.ts';

const ownReady = /serves (\S+)/;

/** Starts the server that is written by hand; see what it does in its file. */
export function startHandWritten(
  folder: string,
  options: Readonly<Record<'database' | 'history' | 'storage', string>> | { storage: 'no' },
): Promise<ServerProcess> {
  return ServerProcess.start({
    script: join(benchFolder, 'peers/hand-written.ts'),
    args: Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    cwd: folder,
    ready: ownReady,
    log: join(folder, 'hand-written.log'),
  });
}

/** Starts the server that answers without reading. */
export function startNothing(folder: string): Promise<ServerProcess> {
  return ServerProcess.start({
    script: join(benchFolder, 'peers/nothing.ts'),
    args: [],
    cwd: folder,
    ready: ownReady,
    log: join(folder, 'nothing.log'),
  });
}

/** Why a peer can't be measured; undefined when it can. */
export function whyNoPeer(
  name: 'cognito-local' | 'dynalite',
  hasPeers: boolean,
): string | undefined {
  if (!hasPeers) return `${name}: left out by --without-peers`;
  if (peerVersion(name) !== undefined) return undefined;
  return `${name}: not installed; npm ci --prefix bench installs it`;
}

/** Starts dynalite on a LevelDB folder, with tables that are there at once. */
export async function startDynalite(folder: string): Promise<ServerProcess> {
  const port = await freePort();
  const data = join(folder, `dynalite-${port}`);
  return ServerProcess.start({
    script: join(benchFolder, 'node_modules/dynalite/cli.js'),
    args: ['--host', '127.0.0.1', '--port', String(port), '--path', data, '--createTableMs', '0'],
    cwd: folder,
    ready: /listening at: (\S+)/,
    log: join(folder, 'dynalite.log'),
  });
}

/** Asks dynalite for an operation. */
export function askDynalite(server: ServerProcess, target: string, input: object): Promise<string> {
  const headers = amazonHeaders(`DynamoDB_20120810.${target}`);
  return server.request('POST', '/', JSON.stringify(input), headers);
}

/** Makes the table that the generator's items go to, and waits until it takes them. */
export async function createTable(server: ServerProcess): Promise<void> {
  await askDynalite(server, 'CreateTable', {
    TableName: DOMAIN,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'profile', AttributeType: 'S' },
      { AttributeName: 'key', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'profile', KeyType: 'HASH' },
      { AttributeName: 'key', KeyType: 'RANGE' },
    ],
  });
  for (let tries = 0; tries < 100; tries++) {
    const table = await askDynalite(server, 'DescribeTable', { TableName: DOMAIN });
    if (table.includes('"ACTIVE"')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("dynalite's table does not become active");
}

/** Starts cognito-local in a folder of its own, where it keeps its JSON files. */
export async function startCognito(folder: string): Promise<ServerProcess> {
  const port = await freePort();
  const cwd = join(folder, `cognito-${port}`);
  mkdirSync(cwd);
  return ServerProcess.start({
    script: join(benchFolder, 'node_modules/cognito-local/lib/bin/start.js'),
    args: [],
    cwd,
    env: { HOST: '127.0.0.1', PORT: String(port) },
    ready: /running on (http:\/\/[\d.:]+)/,
    log: join(folder, 'cognito.log'),
  });
}

/** Asks cognito-local for an operation. */
export function askCognito(server: ServerProcess, target: string, input: object): Promise<string> {
  const headers = amazonHeaders(`AWSCognitoIdentityProviderService.${target}`);
  return server.request('POST', '/', JSON.stringify(input), headers);
}

/** Makes the user pool that the generator's groups go to. Returns its id. */
export async function createUserPool(server: ServerProcess): Promise<string> {
  const made = await askCognito(server, 'CreateUserPool', { PoolName: DOMAIN });
  const { UserPool } = JSON.parse(made) as { UserPool: { Id: string } };
  return UserPool.Id;
}
