import { readFileSync } from 'node:fs';
import {
  isLifetime,
  issueCredentials,
  isUserName,
  LIFETIME_SECONDS_MAX,
  type NewCredentials,
} from '../auth/credentials.ts';
import { KEY_ADVICE } from '../auth/open-access.ts';
import { PolicyRefusedError, parsePolicyDocument } from '../auth/policy-document.ts';
import { SecretSealer } from '../auth/sealed-secrets.ts';
import { type Configuration, ConfigurationError, type Environment } from '../config.ts';
import {
  type CredentialRow,
  insertCredentials,
  listCredentials,
  removeCredentials,
} from '../repository/credentials.ts';
import { AbsentError } from '../repository/errors.ts';
import { CliCommand, group, type Io, type Print, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

/** The text of a policy that can be taken. @throws ConfigurationError when it can't. */
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

/** What `credentials create` was asked for. @throws ConfigurationError that names the first wrong option. */
function readRequest(
  command: CliCommand,
  environment: Environment,
  { accountId }: Configuration,
): NewCredentials {
  const { user, policy, 'expires-in': expiresIn } = command.ownOptions(environment);
  if (user !== undefined && !isUserName(String(user)))
    throw new ConfigurationError(
      `${command.sourceOf('user', environment)} must be 1 to 64 letters, digits or any of _+=,.@-, not '${user}'`,
    );
  const expiresInSeconds = expiresIn === undefined ? undefined : Number(expiresIn);
  const isDuration = /^[0-9]{1,8}$/.test(String(expiresIn));
  if (expiresInSeconds !== undefined && !(isDuration && isLifetime(expiresInSeconds)))
    throw new ConfigurationError(
      `${command.sourceOf('expires-in', environment)} must be a number of seconds from 1 to ${LIFETIME_SECONDS_MAX}, not '${expiresIn}'`,
    );
  return {
    accountId,
    userName: user === undefined ? undefined : String(user),
    policies: [policy ?? []].flat().map((file) => readPolicy(String(file))),
    expiresInSeconds,
  };
}

async function create(command: CliCommand, { environment, print }: Io): Promise<void> {
  const configuration = command.configuration(environment);
  const { credentialsKey } = configuration;
  if (credentialsKey === undefined)
    throw new ConfigurationError(`there is no key to seal the secret with: ${KEY_ADVICE}`);
  const wanted = readRequest(command, environment, configuration);
  const { issued, row } = issueCredentials(wanted, new SecretSealer(credentialsKey), Date.now());
  await withRepository(configuration, (repository) =>
    repository.write((session) => insertCredentials(session, row)),
  );
  if (command.ownOptions(environment).json === true) return print(JSON.stringify(issued));
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

function lineOf(credentials: ReturnType<typeof describe>): string {
  const { accessKeyId, accountId, userName, policies, created, expiration } = credentials;
  const rights = policies.length === 0 ? 'full access' : `${policies.length} policies`;
  const end = expiration === undefined ? '' : `, expires ${expiration}`;
  return `${accessKeyId}  account ${accountId}  ${userName}  ${rights}, created ${created}${end}`;
}

async function list(configuration: Configuration, isJson: boolean, print: Print): Promise<void> {
  const rows = await withRepository(configuration, (repository) =>
    listCredentials(repository.autocommit),
  );
  for (const shown of rows.map(describe))
    await print(isJson ? JSON.stringify(shown) : lineOf(shown));
}

/** @throws AbsentError when nobody has the id. */
async function revoke(
  accessKeyId: string,
  configuration: Configuration,
  { isJson, print }: { isJson: boolean; print: Print },
): Promise<void> {
  const isRevoked = await withRepository(configuration, (repository) =>
    repository.write((session) => removeCredentials(session, accessKeyId)),
  );
  if (!isRevoked) throw new AbsentError(`nobody has the access key id '${accessKeyId}'`);
  await print(
    isJson
      ? JSON.stringify({ accessKeyId, revoked: true })
      : `${accessKeyId} is revoked; running services refuse it within five seconds.`,
  );
}

function createCommand(io: Io): CliCommand {
  const command = new CliCommand('create')
    .description('make credentials; the secret is shown once')
    .own('--user <name>', 'the name in ARNs and histories')
    .own('--policy <file...>', 'an IAM policy document; without one, full access to the account')
    .own('--expires-in <seconds>', 'temporary credentials, with a session token')
    .own('--json', 'print them as a line of JSON, as the SDK for JavaScript takes them')
    .settings(...storeSettings, 'account-id', 'credentials-key', 'credentials-key-file')
    .addHelpText(
      'after',
      '\nThe services take the same key. Nobody but its owner may read its file: umask sees to that when it is made.',
    )
    .example(
      '(umask 077; openssl rand -base64 32 > keyfold.key)',
      'keyfold credentials create --user crm --credentials-key-file keyfold.key',
    );
  return command.action(() => create(command, io));
}

function listCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('list')
    .description('list credentials, without their secrets')
    .own('--json', 'print each as a line of JSON')
    .settings(...storeSettings)
    .example('keyfold credentials list --json');
  return command.action(() => {
    const isJson = command.ownOptions(environment).json === true;
    return list(command.configuration(environment), isJson, print);
  });
}

function revokeCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('revoke')
    .description('revoke credentials; running services refuse them within five seconds')
    .argument('<access-key-id>', 'as "keyfold credentials list" shows it')
    .own('--json', 'print what was revoked as a line of JSON')
    .settings(...storeSettings)
    .example('keyfold credentials revoke KFAKEXAMPLE');
  return command.action((accessKeyId: string) => {
    const isJson = command.ownOptions(environment).json === true;
    return revoke(accessKeyId, command.configuration(environment), { isJson, print });
  });
}

/** `credentials create|list|revoke`: who may sign requests. */
export function credentialsCommand(io: Io): CliCommand {
  const commands = [createCommand(io), listCommand(io), revokeCommand(io)];
  return group('credentials', 'create, list and revoke credentials', commands, [
    'keyfold credentials create --user crm',
    'keyfold credentials list',
  ]);
}
