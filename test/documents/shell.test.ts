import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DocumentShell } from '../support/document-shell.ts';

const isThere = async (path: string) => {
  await expect.poll(() => existsSync(path), { interval: 1, timeout: 10_000 }).toBe(true);
};

/** What the stand-in for `keyfold` keeps of its server. */
const runFolder = (shell: DocumentShell) => join(shell.folder, '../run');

/** Lets what Node starts from now on wait for ever, before it does anything. */
const neverServe =
  "export NODE_OPTIONS='--import=data:text/javascript,setInterval(()=>{},1e9);await(new(Promise)(()=>{}))'";

const isServed = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

/** close() waits until nothing is left that was started, so these would time out. */
describe('a shell that is closed, as a test does that times out,', () => {
  test('ends a command and what is in the background', async () => {
    const shell = await DocumentShell.open();
    await shell.run('sleep 77 &');
    const running = shell.run(': > begun; sleep 77').catch(String);
    await isThere(shell.path('begun'));
    await shell.close();
    expect(await running).toContain('the shell ended');
    expect(existsSync(shell.folder)).toBe(false);
  });

  test.each(['log', 'pid'])('ends a server that starts, once there is its %s', async (file) => {
    const shell = await DocumentShell.open();
    await shell.run(neverServe);
    const running = shell.run('keyfold serve').catch(String);
    await isThere(join(runFolder(shell), file));
    await shell.close();
    expect(await running).toContain('the shell ended');
    expect(await isServed(shell.url())).toBe(false);
  });

  test('ends a server that went on after its command', async () => {
    const shell = await DocumentShell.open();
    expect(await shell.run('keyfold serve')).toMatchObject({ code: 0 });
    await shell.beginBlock();
    expect(await isServed(shell.url())).toBe(true);
    await shell.close();
    expect(await isServed(shell.url())).toBe(false);
  });
});

describe('without their folder', () => {
  test('keyfold does not wait for its server', async () => {
    const shell = await DocumentShell.open();
    await shell.run(neverServe);
    const running = shell.run('keyfold serve');
    await isThere(join(runFolder(shell), 'pid'));
    rmSync(runFolder(shell), { recursive: true });
    expect(await running).toMatchObject({ code: 1 });
  });

  test('stop-keyfold does not wait for its end', async () => {
    const shell = await DocumentShell.open();
    await shell.run('sleep 77 & echo $! > ../run/pid');
    const running = shell.stopServer();
    await expect.poll(() => existsSync(join(runFolder(shell), 'pid'))).toBe(false);
    rmSync(runFolder(shell), { recursive: true });
    expect(await running).toMatchObject({ code: 1 });
  });
});

test('absolute paths are within the folder, with or without quotes', async () => {
  const shell = await DocumentShell.open();
  const file = shell.absolute('srv/one');
  const command = `echo 1 > /srv/one; cat "/srv/one" '/srv/one' /srv/one; echo a/b /dev/null`;
  const said = await shell.run(shell.translated(command));
  expect(said).toEqual({ code: 0, output: '1\n1\n1\na/b /dev/null' });
  expect(existsSync(file)).toBe(true);
});
