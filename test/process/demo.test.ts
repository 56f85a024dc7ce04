import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder, startProcess } from '../support/process.ts';

const run = promisify(execFile);

async function startDemo(cwd: string) {
  const process = startProcess({ args: ['demo', '--port', '0'], cwd });
  await process.url();
  // The commands are printed after the address.
  while (!process.stdout.includes('SearchProfilesCommand(search)'))
    await new Promise((resolve) => setTimeout(resolve, 5));
  return process;
}

/** Sends what a printed curl command would. */
async function runCurl(command: string): Promise<unknown> {
  const { method, url, type, body } =
    /^curl -X (?<method>\w+) (?<url>\S+) -H 'Content-Type: (?<type>[^']+)' \\\n {2}-d '(?<body>[^']+)'$/.exec(
      command,
    )?.groups ?? {};
  const answer = await fetch(String(url), {
    method: String(method),
    headers: { 'Content-Type': String(type) },
    body: String(body),
  });
  expect(answer.status).toBe(200);
  return answer.json();
}

function printedCommands(stdout: string): [add: string, search: string, script: string] {
  const [add = '', search = ''] = stdout.match(/^curl .*\\\n.*$/gm) ?? [];
  return [add, search, stdout.slice(stdout.indexOf('import {'))];
}

function contents(file: string): unknown[] {
  const connection = new BetterSqlite3(file, { readonly: true });
  const rows = [
    'select name, default_expiration_days, settings from domains',
    'select profile_id, document from profiles order by profile_id',
    'select key_name, key_value, profile_id, origin, given_value from profile_keys order by 1, 2, 3, 4',
  ].map((sql) => connection.prepare(sql).all());
  connection.close();
  return rows;
}

describe('npm run demo', () => {
  test("its commands work, and the API reference's sample request gives its sample response", async () => {
    const process = await startDemo(temporaryFolder());
    const [add, search, script] = printedCommands(process.stdout);
    expect(await runCurl(add)).toEqual({
      KeyName: '_ctrContactId',
      Values: ['valueOfTheContactId'],
    });
    expect(await runCurl(search)).toMatchObject({
      Items: [{ FirstName: 'John', LastName: 'Doe', MobilePhoneNumber: '555-333-7777' }],
    });
    const { stdout } = await run(
      globalThis.process.execPath,
      ['--input-type=module', '--eval', script],
      { cwd: projectFolder },
    );
    expect(stdout).toContain("FirstName: 'John'");
  });

  test('says with --json in one line what is there', async () => {
    const cwd = temporaryFolder();
    const process = startProcess({ args: ['demo', '--port', '0', '--json'], cwd });
    const { url, domain, profileId, settings } = JSON.parse(await process.printed(/^(.*)\n/));
    expect(settings.port).toEqual({ value: '0', from: '--port' });
    const answer = await fetch(`${url}/domains/${domain}/profiles/search`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ KeyName: '_profileId', Values: [profileId] }),
    });
    expect(await answer.json()).toMatchObject({ Items: [{ ProfileId: profileId }] });
    await process.stop('SIGTERM');
    expect(process.stdout.split('\n')).toHaveLength(2);
  });

  test('seeds the same profiles and keys on every run, whatever was there', async () => {
    const folder = temporaryFolder();
    const first = await startDemo(folder);
    const [add] = printedCommands(first.stdout);
    await runCurl(add);
    await first.stop('SIGTERM');
    const file = join(folder, 'data/demo.db');
    const changed = contents(file);
    await (await startDemo(folder)).stop('SIGTERM');
    const again = contents(file);
    expect(again).not.toEqual(changed);
    const elsewhere = temporaryFolder();
    await (await startDemo(elsewhere)).stop('SIGTERM');
    expect(contents(join(elsewhere, 'data/demo.db'))).toEqual(again);
    const [, profiles, keys] = again as unknown[][];
    expect(profiles).toHaveLength(301);
    expect(keys?.length).toBeGreaterThan(1_000);
  });

  test("never touches another database than the demo's", async () => {
    const folder = temporaryFolder();
    const process = startProcess({ args: ['demo', '--database', 'mine.db'], cwd: folder });
    expect(await process.exited()).toBe(2);
    expect(process.stderr).toMatch(/^keyfold: unknown option '--database'[^\n]*\n$/);
    const other = startProcess({
      args: ['demo', '--port', '0'],
      cwd: folder,
      env: { KEYFOLD_DATABASE: 'mine.db' },
    });
    await other.url();
    expect(other.stdout).toContain('database ./data/demo.db');
  });
});
