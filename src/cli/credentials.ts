import { readFileSync } from 'node:fs';
import {
  isLifetime,
  issueCredentials,
  isUserName,
  LIFETIME_SECONDS_MAX,
  type NewCredentials,
} from '../auth/credentials.ts';
import { PolicyRefusedError, parsePolicyDocument } from '../auth/policy-document.ts';
import { SecretSealer } from '../auth/sealed-secrets.ts';
import {
  type Configuration,
  ConfigurationError,
  parseOptions,
  readConfiguration,
} from '../config.ts';
import {
  type CredentialRow,
  insertCredentials,
  listCredentials,
  removeCredentials,
} from '../repository/credentials.ts';
import { openRepository } from '../repository/open.ts';
import type { Repository } from '../repository/repository.ts';

type Say = (line: string) => void;
type Options = ReturnType<typeof parseOptions>['values'];

const ownOptions = {
  user: { type: 'string' },
  policy: { type: 'string', multiple: true },
  'expires-in': { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Which of them an action takes: one that it would pass over may be half of what is wanted. */
const taken: Readonly<Record<string, readonly string[]>> = {
  create: Object.keys(ownOptions),
  list: ['json'],
  revoke: [],
};

/** The text of a policy that can be taken. */
function readPolicy(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    parsePolicyDocument(text);
    return text;
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigurationError(
      `policy ${file}${error instanceof PolicyRefusedError ? ':' : " can't be read:"} ${message}`,
    );
  }
}

/** What `credentials create` was asked for. */
function readRequest(options: Options, { accountId }: Configuration): NewCredentials {
  const { user, policy, 'expires-in': expiresIn } = options;
  if (user !== undefined && !isUserName(String(user)))
    throw new ConfigurationError(
      `--user must be 1 to 64 letters, digits or any of _+=,.@-, not '${user}'`,
    );
  const expiresInSeconds = expiresIn === undefined ? undefined : Number(expiresIn);
  const isDuration = /^[0-9]{1,8}$/.test(String(expiresIn));
  if (expiresInSeconds !== undefined && !(isDuration && isLifetime(expiresInSeconds)))
    throw new ConfigurationError(
      `--expires-in must be a number of seconds from 1 to ${LIFETIME_SECONDS_MAX}, not '${expiresIn}'`,
    );
  return {
    accountId,
    userName: user === undefined ? undefined : String(user),
    policies: [policy ?? []].flat().map((file) => readPolicy(String(file))),
    expiresInSeconds,
  };
}

async function create(options: Options, configuration: Configuration, say: Say): Promise<void> {
  const { credentialsKey } = configuration;
  if (credentialsKey === undefined)
    throw new ConfigurationError(
      'there is no key to seal the secret with: make one with "openssl rand -base64 32 > keyfold.key" and set KEYFOLD_CREDENTIALS_KEY_FILE=keyfold.key',
    );
  const wanted = readRequest(options, configuration);
  const { issued, row } = issueCredentials(wanted, new SecretSealer(credentialsKey), Date.now());
  await withRepository(configuration, (repository) =>
    repository.write((session) => insertCredentials(session, row)),
  );
  if (options.json) return say(JSON.stringify(issued));
  say(`Access key id:      ${issued.accessKeyId}`);
  say(`Secret access key:  ${issued.secretAccessKey}`);
  if (issued.sessionToken !== undefined) say(`Session token:      ${issued.sessionToken}`);
  if (issued.expiration !== undefined)
    say(`Expires:            ${issued.expiration.toISOString()}`);
  say(`Account:            ${issued.accountId}`);
  say('The secret is not shown again.');
}

/** Nothing of it is secret. */
function describe(row: CredentialRow) {
  const { accessKeyId, accountId, userName, policies, createdAt, expiresAt } = row;
  return {
    accessKeyId,
    accountId,
    userName,
    policies: (JSON.parse(policies) as string[]).map((policy) => JSON.parse(policy)),
    created: new Date(createdAt).toISOString(),
    ...(expiresAt !== null && { expiration: new Date(expiresAt).toISOString() }),
  };
}

async function list(options: Options, configuration: Configuration, say: Say): Promise<void> {
  const rows = await withRepository(configuration, (repository) =>
    listCredentials(repository.autocommit),
  );
  const all = rows.map(describe);
  if (options.json) return say(JSON.stringify(all));
  for (const { accessKeyId, accountId, userName, policies, created, expiration } of all) {
    const rights = policies.length === 0 ? 'full access' : `${policies.length} policies`;
    const end = expiration === undefined ? '' : `, expires ${expiration}`;
    say(`${accessKeyId}  account ${accountId}  ${userName}  ${rights}, created ${created}${end}`);
  }
}

async function revoke(accessKeyId: string, configuration: Configuration, say: Say): Promise<void> {
  const isRevoked = await withRepository(configuration, (repository) =>
    repository.write((session) => removeCredentials(session, accessKeyId)),
  );
  if (!isRevoked) throw new ConfigurationError(`nobody has the access key id '${accessKeyId}'`);
  say(`${accessKeyId} is revoked; running services refuse it within five seconds.`);
}

/** Opens the store for a command and closes it again. */
export async function withRepository<T>(
  configuration: Configuration,
  work: (repository: Repository) => Promise<T>,
): Promise<T> {
  if (configuration.database === ':memory:')
    throw new ConfigurationError('a database in memory ends with this command: name another');
  const repository = await openRepository(configuration);
  try {
    return await work(repository);
  } finally {
    await repository.close();
  }
}

/**
 * `credentials create|list|revoke`: who may sign requests.
 *
 * @throws ConfigurationError when the command is wrong.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export async function credentials(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  say: Say,
): Promise<void> {
  const { values: options, positionals } = parseOptions(args, ownOptions);
  const [action = '', accessKeyId, ...more] = positionals;
  const foreign = Object.keys(ownOptions).find(
    (name) => options[name] !== undefined && taken[action]?.includes(name) === false,
  );
  if (foreign !== undefined)
    throw new ConfigurationError(`credentials ${action} takes no --${foreign}`);
  const configuration = readConfiguration(options, environment);
  const isComplete = (action === 'revoke') === (accessKeyId !== undefined) && more.length === 0;
  if (action === 'create' && isComplete) return create(options, configuration, say);
  if (action === 'list' && isComplete) return list(options, configuration, say);
  if (action === 'revoke' && accessKeyId !== undefined && isComplete)
    return revoke(accessKeyId, configuration, say);
  throw new ConfigurationError(
    'credentials takes one of: create [--account-id …] [--user …] [--policy file] [--expires-in seconds] [--json]; list [--json]; revoke ACCESS_KEY_ID',
  );
}
