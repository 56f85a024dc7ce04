import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from './domains/cache.ts';
import { benchFolder, describeEnvironment, peerVersion, projectFolder } from './environment.ts';
import type { Part, Stoppable } from './part.ts';
import { parts } from './parts/index.ts';
import { mergeResults, type PartResult, readResults, renderPart, writeResults } from './results.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function help(): void {
  say('Usage: npm run bench -- [part …] [--quick] [--without-peers] [--output folder]\n');
  for (const { name, title } of parts) say(`  ${name.padEnd(18)} ${title}`);
  say('\nWithout a part, all of them. They write RESULTS.md and results.json into bench/, or into');
  say('the folder that --output names. --quick only shows that the parts work: it writes into');
  say('bench/.cache unless --output says otherwise.');
}

/** The parts of that name, in the order in which they run. */
function chosen(names: readonly string[]): readonly Part[] {
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no part '${unknown}'; see npm run bench -- --help`);
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
}

/** Peers are no dependencies of Keyfold: they are installed when somebody compares with them. */
function installPeers(): void {
  if (peerVersion('dynalite') !== undefined && peerVersion('cognito-local') !== undefined) return;
  say('installing the peers: npm ci --prefix bench');
  try {
    execFileSync('npm', ['ci', '--prefix', 'bench'], { cwd: projectFolder, stdio: 'inherit' });
  } catch {
    say('they could not be installed: the results say what is missing');
  }
}

interface Options {
  readonly isQuick: boolean;
  readonly hasPeers: boolean;
}

/** What the running part has started. */
let owned: Stoppable[] = [];

async function stopOwned(): Promise<void> {
  for (const thing of owned.toReversed()) await thing.stop();
  owned = [];
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopOwned().finally(() => process.exit(1)));

async function runPart(part: Part, { isQuick, hasPeers }: Options): Promise<PartResult> {
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, `run-${part.name}-`));
  say(`\n${part.title}`);
  const environment = describeEnvironment(folder);
  const own = async <T extends Stoppable>(starting: Promise<T> | T): Promise<T> => {
    const thing = await starting;
    owned.push(thing);
    return thing;
  };
  try {
    const outcome = await part.run({ isQuick, hasPeers, folder, say, own });
    const wrong = outcome.measured.find(({ value }) => !Number.isFinite(value));
    if (wrong !== undefined) throw new Error(`${part.name} has no value for '${wrong.name}'`);
    return { name: part.name, title: part.title, isQuick, environment, ...outcome };
  } finally {
    await stopOwned();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      'without-peers': { type: 'boolean', default: false },
      output: { type: 'string' },
    },
  });
  if (values.help) return help();
  const { quick: isQuick } = values;
  const hasPeers = !values['without-peers'];
  const run = chosen(positionals);
  if (!isQuick && hasPeers && run.some(({ usesPeers }) => usesPeers)) installPeers();
  const folder = values.output ?? (isQuick ? cacheFolder : benchFolder);
  mkdirSync(folder, { recursive: true });
  const files = { json: join(folder, 'results.json'), document: join(folder, 'RESULTS.md') };
  for (const part of run) {
    let result: PartResult;
    try {
      result = await runPart(part, { isQuick, hasPeers });
    } catch (error) {
      // The others may still be had; what was written of this one stays.
      process.stderr.write(`${part.name} failed: ${(error as Error).stack}\n`);
      process.exitCode = 1;
      continue;
    }
    // After each part, so that what was measured stays when a later one fails.
    const names = parts.map(({ name }) => name);
    writeResults(mergeResults(readResults(files.json), [result], names), files);
    say(renderPart(result));
  }
  say(`written: ${files.document}`);
}

await main();
