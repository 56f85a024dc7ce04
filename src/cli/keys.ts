import { domainAbsent, findDomain } from '../repository/domains.ts';
import { AbsentError } from '../repository/errors.ts';
import { keysOfProfile } from '../transfer/keys-of-profile.ts';
import { CliCommand, type Io, matching, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

type Key = NonNullable<Awaited<ReturnType<typeof keysOfProfile>>>[number];

/** A value may be any text. */
function lineOf({ keyName, value, from, fields, objectTypeName, objectKey }: Key): string {
  const origins = {
    API: 'added by AddProfileKey',
    FIELD: fields === undefined ? 'the id of the profile' : `from ${fields.join(', ')}`,
    OBJECT: `from object ${objectKey} of type ${objectTypeName}`,
  };
  return `${keyName}  ${value}  ${origins[from]}`.replace(/\p{Cc}/gu, ' ');
}

/** `keys DOMAIN PROFILE_ID`: what a profile is found by. */
export function keysCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('keys')
    .description('list the keys of a profile and where each comes from')
    .argument('<domain>', 'its name')
    .argument('<profile-id>', 'its id', matching(/^[0-9a-f]{32}$/, '32 hex digits'))
    .own('--json', 'print each as a line of JSON')
    .settings(...storeSettings, 'account-id')
    .example('keyfold keys customers 019ab1c4f2d57d3e8a1b2c3d4e5f6071');
  return command.action(async (domainName: string, profileId: string) => {
    const configuration = command.configuration(environment);
    const isJson = command.ownOptions(environment).json === true;
    const { accountId } = configuration;
    const name = { accountId, domainName, profileId, now: Date.now() };
    const keys = await withRepository(configuration, (repository) =>
      repository.read(async (session) => {
        if ((await findDomain(session, name)) === undefined) throw domainAbsent(name);
        return keysOfProfile(session, name);
      }),
    );
    if (keys === undefined)
      throw new AbsentError(`domain '${domainName}' has no profile ${profileId}`);
    for (const key of keys) await print(isJson ? JSON.stringify(key) : lineOf(key));
  });
}
