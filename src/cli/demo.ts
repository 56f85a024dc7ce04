import { createHash } from 'node:crypto';
import type { Configuration } from '../config.ts';
import { publishedQuotas } from '../limits/limits.ts';
import { localCaller } from '../model/operation.ts';
import { openSqlite } from '../repository/engine/sqlite.ts';
import { createIds } from '../service/ids.ts';
import { DEMO_DOMAIN, seedDemo } from './demo-data.ts';

/** The demo's profile ids are made as of this moment, so that they are the same on every run. */
const ID_TIME = Date.UTC(2026, 0, 1);

/** Bytes that look random and never change. */
function repeatable(): (bytes: number) => Buffer {
  let count = 0;
  return (bytes) => createHash('sha256').update(`demo ${count++}`).digest().subarray(0, bytes);
}

/** Empties the demo database and fills it with the demo's profiles. Returns the sample's id. */
export async function seedDemoDatabase({
  database,
  accountId,
  region,
}: Configuration): Promise<string> {
  const repository = openSqlite({ file: database, durability: 'normal' });
  try {
    await repository.clear();
    const ids = createIds(repeatable());
    return await seedDemo({
      repository,
      caller: localCaller(accountId, region),
      ids: { ...ids, profileId: () => ids.profileId(ID_TIME) },
      quotas: publishedQuotas,
      now: Date.now(),
      pagePosition: () => undefined,
      nextToken: () => '',
      wakeSweeper: () => {},
    });
  } finally {
    await repository.close();
  }
}

/** The commands to try, as they can be pasted into a shell or a file. */
function demoCommands(url: string, profileId: string): readonly [string, string, string] {
  const json = "-H 'Content-Type: application/json'";
  return [
    `curl -X POST ${url}/v1/domains/${DEMO_DOMAIN}/profiles/keys ${json} \\
  -d '{"ProfileId": "${profileId}", "KeyName": "_ctrContactId", "Values": ["valueOfTheContactId"]}'`,
    `curl -X POST ${url}/domains/${DEMO_DOMAIN}/profiles/search ${json} \\
  -d '{"KeyName": "_phone", "Values": ["555-333-7777"]}'`,
    `import { CustomerProfilesClient, SearchProfilesCommand } from '@aws-sdk/client-customer-profiles';
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const client = new CustomerProfilesClient({ endpoint: '${url}', region: 'us-east-1', credentials });
const search = { DomainName: '${DEMO_DOMAIN}', KeyName: '_ctrContactId', Values: ['valueOfTheContactId'] };
console.log((await client.send(new SearchProfilesCommand(search))).Items);`,
  ];
}

/** What to try on a demo, for people. */
export function demoHints(url: string, profileId: string): string[] {
  const [add, search, script] = demoCommands(url, profileId);
  return [
    `\nAdd a key to a profile, as in the API reference's sample:\n\n${add}`,
    `\nFind profiles by phone number:\n\n${search}`,
    `\nThe same from the SDK; save as try.mjs in this folder and run "node try.mjs":\n\n${script}`,
  ];
}
