import { join } from 'node:path';
import { MergeProfilesCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { Customers } from '../support/customers.ts';
import { temporaryFolder } from '../support/folder.ts';
import { serveDatabase, startProcess } from '../support/process.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';
const root = 'arn:aws:iam::000000000000:root';

/** A process that serves two profiles that were merged, and how to run commands beside it. */
async function serveMerged() {
  const database = join(temporaryFolder(), 'keyfold.db');
  const { url } = await serveDatabase(database);
  const client = clientFor(url);
  const customers = await new Customers({ url } as Customers['service'], client, DomainName).open();
  const main = await customers.create({ FirstName: 'Ada' });
  const other = await customers.create({ LastName: 'Byron' });
  const merge = { DomainName, MainProfileId: main, ProfileIdsToBeMerged: [other] };
  await client.send(new MergeProfilesCommand(merge));
  const run = async (...args: string[]) => {
    const process = startProcess({ args: [...args, '--database', database] });
    const code = await process.exited();
    return { code, stdout: process.stdout, stderr: process.stderr };
  };
  const list = async () => {
    const { stdout } = await run('merges', 'list', DomainName, '--json');
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  return { customers, main, other, run, list };
}

describe('keyfold merges list', () => {
  test('tells the merges that can be undone', async () => {
    const { main, run, list } = await serveMerged();
    const [merge, ...more] = await list();
    expect(more).toEqual([]);
    expect(merge).toEqual({
      mergeId: expect.stringMatching(/^[0-9a-f]{32}$/),
      merged: expect.stringMatching(/^\d{4}-.*Z$/),
      mainProfileId: main,
      profiles: 1,
      performedBy: root,
    });
    const { code, stdout } = await run('merges', 'list', DomainName);
    expect(code).toBe(0);
    expect(stdout).toBe(`${merge.mergeId}  ${merge.merged}  1 profile into ${main}, by ${root}\n`);
  });

  test('is refused for a domain that isn’t there, and without one', async () => {
    const { run } = await serveMerged();
    expect(await run('merges', 'list', 'nowhere')).toMatchObject({
      code: 1,
      stderr: "keyfold: account 000000000000 has no domain 'nowhere'\n",
    });
    expect(await run('merges')).toMatchObject({
      code: 2,
      stderr: 'keyfold: merges needs one of: list\n',
    });
  });
});

describe('keyfold unmerge', () => {
  test('undoes a merge beside a running service', async () => {
    const { customers, main, other, run, list } = await serveMerged();
    const [{ mergeId }] = await list();
    const { code, stdout } = await run('unmerge', mergeId, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ mergeId, profileIds: [main, other] });
    expect((await customers.get(main, other)).Profiles).toEqual([
      { ProfileId: main, FirstName: 'Ada' },
      { ProfileId: other, LastName: 'Byron' },
    ]);
    expect(await list()).toEqual([]);
    expect(await run('unmerge', mergeId)).toMatchObject({
      code: 1,
      stderr: `keyfold: there is no merge ${mergeId} to undo\n`,
    });
  });

  test('is refused without the id of a merge', async () => {
    const { run } = await serveMerged();
    expect(await run('unmerge', 'latest')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^keyfold: [^\n]*It must be 32 hex digits\.\n$/),
    });
  });
});
