import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DOMAIN } from './domains/customers.ts';
import { keyfoldNodeOptions, projectFolder } from './environment.ts';
import { ServerProcess } from './process/server.ts';

/** The log level of these servers is Keyfold's default; lines go to a file, as under systemd. */
export const LOGGING = 'Keyfold logs at its default level, `info`, one line a request into a file.';

/** What `npm start` starts; `npm run bench` has built it. */
export const keyfoldScript = join(projectFolder, 'dist/keyfold/start.js');

export interface KeyfoldOptions {
  /** A file or a URL. */
  readonly database: string;
  /** Where its log goes. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts Keyfold by what `npm start` runs, on its default settings but for the port. */
export function startKeyfold({
  database,
  folder,
  env = {},
}: KeyfoldOptions): Promise<ServerProcess> {
  return ServerProcess.start({
    script: keyfoldScript,
    args: ['--port', '0', '--database', database],
    cwd: folder,
    env,
    ready: /Keyfold serves (\S+)/,
    log: join(folder, 'keyfold.log'),
    nodeArgs: keyfoldNodeOptions(),
  });
}

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Makes credentials in a database. Returns them, and the key that a server needs to check them. */
export function createCredentials(database: string): {
  readonly credentials: SigningKeys;
  readonly env: Readonly<Record<string, string>>;
} {
  const env = { KEYFOLD_CREDENTIALS_KEY: randomBytes(32).toString('base64') };
  const issued = execFileSync(
    process.execPath,
    [keyfoldScript, 'credentials', 'create', '--json', '--user', 'bench', '--database', database],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  );
  const { accessKeyId, secretAccessKey } = JSON.parse(issued) as SigningKeys;
  return { credentials: { accessKeyId, secretAccessKey }, env };
}

/** How many profiles and objects Keyfold says that the domain has. */
export async function domainStats(
  keyfold: ServerProcess,
): Promise<{ readonly profiles: number; readonly objects: number }> {
  const { Stats } = JSON.parse(await keyfold.request('GET', `/domains/${DOMAIN}`)) as {
    Stats: { ProfileCount: number; ObjectCount: number };
  };
  return { profiles: Stats.ProfileCount, objects: Stats.ObjectCount };
}
