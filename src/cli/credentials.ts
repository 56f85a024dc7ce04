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
import { type Configuration, ConfigurationError, type GivenOptions } from '../config.ts';
import {
  type CredentialRow,
  insertCredentials,
  listCredentials,
  removeCredentials,
} from '../repository/credentials.ts';
import { CliCommand, group, type Io, type Print, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

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
function readRequest(options: GivenOptions, { accountId }: Configuration): NewCredentials {
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

async function create(
  options: GivenOptions,
  configuration: Configuration,
  print: Print,
): Promise<void> {
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
  if (options.json) return print(JSON.stringify(issued));
  await print(`Access key id:      ${issued.accessKeyId}`);
  await print(`Secret access key:  ${issued.secretAccessKey}`);
  if (issued.sessionToken !== undefined) await print(`Session token:      ${issued.sessionToken}`);
  if (issued.expiration !== undefined)
    await print(`Expires:            ${issued.expiration.toISOString()}`);
  await print(`Account:            ${issued.accountId}`);
  await print('The secret is not shown again.');
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

async function list(
  options: GivenOptions,
  configuration: Configuration,
  print: Print,
): Promise<void> {
  const rows = await withRepository(configuration, (repository) =>
    listCredentials(repository.autocommit),
  );
  const all = rows.map(describe);
  if (options.json) return print(JSON.stringify(all));
  for (const { accessKeyId, accountId, userName, policies, created, expiration } of all) {
    const rights = policies.length === 0 ? 'full access' : `${policies.length} policies`;
    const end = expiration === undefined ? '' : `, expires ${expiration}`;
    await print(
      `${accessKeyId}  account ${accountId}  ${userName}  ${rights}, created ${created}${end}`,
    );
  }
}

async function revoke(
  accessKeyId: string,
  configuration: Configuration,
  print: Print,
): Promise<void> {
  const isRevoked = await withRepository(configuration, (repository) =>
    repository.write((session) => removeCredentials(session, accessKeyId)),
  );
  if (!isRevoked) throw new ConfigurationError(`nobody has the access key id '${accessKeyId}'`);
  await print(`${accessKeyId} is revoked; running services refuse it within five seconds.`);
}

function createCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('create')
    .description('make credentials; the secret is shown once')
    .own('--user <name>', 'the name in ARNs and histories')
    .own('--policy <file...>', 'an IAM policy document; without one, full access to the account')
    .own('--expires-in <seconds>', 'temporary credentials, with a session token')
    .own('--json', 'print them as a line of JSON, as credential_process of the SDKs takes them')
    .settings(...storeSettings, 'account-id', 'credentials-key-file')
    .example(
      'openssl rand -base64 32 > keyfold.key',
      'keyfold credentials create --user crm --credentials-key-file keyfold.key',
    );
  return command.action(() =>
    create(command.ownOptions(environment), command.configuration(environment), print),
  );
}

function listCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('list')
    .description('list who may sign requests, without secrets')
    .own('--json', 'print a JSON list')
    .settings(...storeSettings)
    .example('keyfold credentials list --json');
  return command.action(() =>
    list(command.ownOptions(environment), command.configuration(environment), print),
  );
}

function revokeCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('revoke')
    .description('take credentials away; running services refuse them within five seconds')
    .argument('<access-key-id>', 'as `credentials list` shows it')
    .settings(...storeSettings)
    .example('keyfold credentials revoke KFAKEXAMPLE');
  return command.action((accessKeyId: string) =>
    revoke(accessKeyId, command.configuration(environment), print),
  );
}

/** `credentials create|list|revoke`: who may sign requests. */
export function credentialsCommand(io: Io): CliCommand {
  return group('credentials', 'who may sign requests', [
    createCommand(io),
    listCommand(io),
    revokeCommand(io),
  ]);
}
