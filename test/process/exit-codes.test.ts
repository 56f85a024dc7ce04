import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createService } from '../../src/index.ts';
import { newFolder } from '../support/folder.ts';
import { projectFolder, runCommand, startProcess } from '../support/process.ts';
import { preloadedDisk } from '../torture/disk/faults.ts';
import { whyNoPreload } from '../torture/disk/preload.ts';

const DomainName = 'customers';
const none = '0'.repeat(32);
const inMemory = ['--database', ':memory:', '--port', '0'];
const missing = whyNoPreload();

/** Makes the default database below a folder, with a domain and a profile. Returns the profile's id. */
async function createDatabase(database: string): Promise<string> {
  const service = await createService({ database });
  try {
    const post = async (path: string, body: string) => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(service.url + path, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Record<string, string>;
    };
    await post(`/domains/${DomainName}`, '{"DefaultExpirationDays": 366}');
    const { ProfileId = '' } = await post(`/domains/${DomainName}/profiles`, '{}');
    return ProfileId;
  } finally {
    await service.close();
  }
}

describe('the exit code', () => {
  const folder = newFolder();
  let profileId = '';

  beforeAll(async () => {
    profileId = await createDatabase(join(folder, 'data/keyfold.db'));
    const files = {
      'broken.json': '{',
      'columns.csv': 'Nobody knows\n1\n',
      'empty.db': '',
      key: 'a'.repeat(64),
      'rejected.ndjson': '{"Nobody":"knows"}\n',
      'refused.json': '[{"operation": "GetDomain", "input": {"DomainName": "nowhere"}}]',
      'taken.ndjson': '{"FirstName":"Ada"}\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each<[code: number, args: string[]]>([
    [0, ['--help']],
    [0, ['serve', '--help']],
    [0, ['merges', '--help']],
    [0, ['export', DomainName]],
    [0, ['export', DomainName, 'new.csv', '--json']],
    [0, ['keys', DomainName, 'PROFILE_ID']],
    [0, ['merges', 'list', DomainName]],
    [0, ['dead-letters', 'replay', DomainName, '--all']],
    [0, ['credentials', 'list']],
    [0, ['migrate', '--dry-run']],
    [0, ['check']],
    // What isn't there.
    [1, ['export', 'nowhere']],
    [1, ['import', 'nowhere', 'taken.ndjson']],
    [1, ['import', DomainName, 'none.ndjson']],
    [1, ['keys', 'nowhere', 'PROFILE_ID']],
    [1, ['keys', DomainName, none]],
    [1, ['merges', 'list', 'nowhere']],
    [1, ['unmerge', none]],
    [1, ['resolve', 'nowhere']],
    [1, ['dead-letters', 'list', 'nowhere']],
    [1, ['dead-letters', 'replay', 'nowhere', '--all']],
    [1, ['dead-letters', 'delete', 'nowhere', '--all']],
    [1, ['credentials', 'revoke', 'KFAKNOBODY']],
    [1, ['backup', 'copy.db', '--database', 'none.db']],
    [1, ['restore', 'none.db', '--replace']],
    // What is refused, or not done as a whole.
    [1, ['export', DomainName, 'taken.ndjson']],
    [1, ['backup', 'taken.ndjson']],
    [1, ['import', DomainName, 'columns.csv']],
    [1, ['import', DomainName, 'rejected.ndjson']],
    [1, ['resolve', DomainName]],
    [1, ['dead-letters', 'delete', DomainName, none]],
    [1, ['migrate', '--database', 'empty.db']],
    [1, ['check', '--database', 'empty.db']],
    [1, ['--database', 'empty.db', '--port', '0']],
    [1, ['--seed', 'refused.json', ...inMemory]],
    // What the command line says is wrong.
    [2, ['--prot', '1']],
    [2, ['sevre']],
    [2, ['merges']],
    [2, ['dead-letters', 'rename']],
    [2, ['keys', DomainName]],
    [2, ['unmerge', 'latest']],
    [2, ['export', DomainName, '--json']],
    [2, ['export', DomainName, 'out.txt']],
    [2, ['keys', DomainName, 'PROFILE_ID', '--database', ':memory:']],
    // What a setting says, or a file that one names.
    [2, ['--port', 'http']],
    [2, ['--workers', '2', ...inMemory]],
    [2, ['--host', '0.0.0.0', ...inMemory]],
    [2, ['--limits', 'broken.json', ...inMemory]],
    [2, ['--limits', 'none.json', ...inMemory]],
    [2, ['--seed', 'broken.json', ...inMemory]],
    [2, ['--seed', 'none.json', ...inMemory]],
    [2, ['import', DomainName, 'columns.csv', '--mapping', 'broken.json']],
    [2, ['import', DomainName, 'columns.csv', '--mapping', 'none.json']],
    [2, ['credentials', 'create']],
    [2, ['credentials', 'create', '--credentials-key-file', 'none']],
    [2, ['credentials', 'create', '--credentials-key-file', 'key', '--policy', 'broken.json']],
    [2, ['credentials', 'create', '--credentials-key-file', 'key', '--policy', 'none.json']],
    // What `check` can't look at.
    [2, ['check', '--database', 'none.db']],
  ])('is %d for %j', async (code, words) => {
    const args = words.map((word) => (word === 'PROFILE_ID' ? profileId : word));
    const ended = await runCommand(args, folder);
    expect([ended.code, ended.stderr]).toEqual([code, expect.anything()]);
    // What went wrong is told in one line: by the command itself, or in the place of its output.
    const said = ended.stdout === '' ? ended.stderr : '';
    if (code > 0 && said !== '') expect(said).toMatch(/^keyfold: [^\n]+\n$/);
    if (code > 0) expect(ended.stdout + ended.stderr).not.toBe('');
  });

  test.skipIf(missing !== undefined)(
    `is 3 when the disk fails to take a write of a command (${missing ?? 'before a command'})`,
    async () => {
      const disk = preloadedDisk('EIO');
      onTestFinished(() => disk.remove());
      const database = join(disk.folder, 'keyfold.db');
      await createDatabase(database);
      disk.failSyncs?.(0);
      const file = join(folder, 'taken.ndjson');
      const args = ['import', DomainName, file, '--database', database];
      const process = startProcess({ args, env: disk.env });
      expect([await process.exited(), process.stderr]).toEqual([
        3,
        `keyfold: the disk could not take a write to ${database}: see the log of the system\n`,
      ]);
    },
  );
});

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  for (const option of ['--version', '-V'])
    expect(await runCommand([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});
