import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { CARD, cardOf, DOMAIN, emailOf, phoneOf } from '../domains/customers.ts';
import { keyfoldScript, startKeyfold } from '../keyfold.ts';
import type { Part, PartContext } from '../part.ts';
import { endWithThis } from '../process/child.ts';
import { memoryMibOf } from '../process/memory.ts';
import { ownEnvironment } from '../process/server.ts';
import { nameOfSize, outcome } from './common.ts';

/** The domain that an export is imported into. */
const COPY = 'copies';
/** How often the memory of a command is read. */
const SAMPLE_MS = 100;

/** What a command took. */
interface Took {
  readonly seconds: number;
  readonly memoryMib: number;
  readonly printed: string;
}

/** @throws Error when the command ends with another exit code than 0. */
async function runCommand(...args: readonly string[]): Promise<Took> {
  const began = performance.now();
  const child = spawn(process.execPath, [keyfoldScript, ...args], {
    env: ownEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithThis(child);
  const [printed, progress]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => printed.push(String(chunk)));
  child.stderr.on('data', (chunk) => progress.push(String(chunk)));
  let memoryMib = 0;
  const sampling = setInterval(() => {
    memoryMib = Math.max(memoryMib, memoryMibOf(child.pid, 'VmHWM'));
  }, SAMPLE_MS);
  const [code] = await once(child, 'close');
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${progress.join('')}`);
  return { seconds: (performance.now() - began) / 1000, memoryMib, printed: printed.join('') };
}

/** A table of customers: ten fields and a key each. */
async function writeTable(file: string, rows: number): Promise<void> {
  const out = createWriteStream(file);
  const header = `AccountNumber,FirstName,LastName,EmailAddress,PhoneNumber,BirthDate,Address.Address1,Address.City,Address.Country,Attributes.plan,Keys.${CARD}\n`;
  if (!out.write(header)) await once(out, 'drain');
  for (let index = 0; index < rows; index++) {
    const cells = [
      `A${index}`,
      `First${index % 1_000}`,
      `Last${index % 977}`,
      emailOf(index),
      phoneOf(index),
      `19${10 + (index % 90)}-0${1 + (index % 9)}-1${index % 10}`,
      `"${index % 999} Main Street, Floor ${index % 7}"`,
      'Seattle',
      'US',
      index % 3 === 0 ? 'gold' : 'basic',
      cardOf(index),
    ];
    if (!out.write(`${cells.join(',')}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Imports a table of that many rows, exports it, imports that into another domain and exports it again. */
async function transferRows({ folder, say }: PartContext, rows: number) {
  const database = join(folder, `${rows}.db`);
  const server = await startKeyfold({ database, folder });
  for (const domain of [DOMAIN, COPY])
    await server.request('POST', `/domains/${domain}`, '{"DefaultExpirationDays":366}');
  await server.stop();
  const file = (name: string) => join(folder, `${rows}-${name}`);
  await writeTable(file('table.csv'), rows);
  const run = async (what: string, command: string, domain: string, name: string) => {
    const took = await runCommand(command, domain, file(name), '--json', '--database', database);
    say(`${what}: ${nameOfSize(rows)} in ${took.seconds.toFixed(1)} s`);
    return { what, megabytes: statSync(file(name)).size / 1e6, ...took };
  };
  const steps = [
    await run('import of CSV', 'import', DOMAIN, 'table.csv'),
    await run('export as NDJSON', 'export', DOMAIN, 'first.ndjson'),
    await run('import of NDJSON', 'import', COPY, 'first.ndjson'),
    await run('export of what was imported', 'export', COPY, 'second.ndjson'),
  ];
  for (const { what, printed } of steps.filter(({ what }) => what.startsWith('import'))) {
    const { created, rejected } = JSON.parse(printed) as Record<string, number>;
    if (created !== rows || rejected !== 0)
      throw new Error(`${what}: ${created} of ${rows} rows were stored`);
  }
  const [first, second] = [
    await digestOf(file('first.ndjson')),
    await digestOf(file('second.ndjson')),
  ];
  if (first !== second) throw new Error('what was exported, imported and exported is another file');
  return steps.map((step) => ({ ...step, rows }));
}

async function run(context: PartContext) {
  const [few, many] = context.isQuick ? [200, 500] : [100_000, 1_000_000];
  const [small, large] = [await transferRows(context, few), await transferRows(context, many)];
  const [fewRows, manyRows] = [few, many].map((rows) => rows.toLocaleString('en-GB'));
  const growth = large.flatMap((step, index) => {
    const before = small[index];
    if (before === undefined) return [];
    const of = `${manyRows} rows / ${fewRows}`;
    const perRow = step.seconds / step.rows / (before.seconds / before.rows);
    const memory = step.memoryMib / before.memoryMib;
    return [
      { name: `${step.what}: time for a row, ${of}`, value: perRow, unit: '×' },
      {
        name: `${step.what}: most memory, ${of}`,
        value: memory,
        unit: '×',
        target: { atMost: 1.5 },
      },
    ];
  });
  return outcome({
    notes: [
      'Tables have ten fields and a key for each profile. What is exported is imported into another, empty domain of the database, and exported from there as well: both files are the same, byte by byte.',
      'SQLite with `synchronous=FULL`, no service beside the commands, no matching. Times are those of whole processes; memory is the most that Linux saw them take.',
    ],
    measured: [
      {
        name: `import of CSV: ${manyRows} rows`,
        value: (large[0]?.seconds ?? Number.NaN) / 60,
        unit: 'min',
        target: { atMost: 10 },
      },
      ...growth,
    ],
    tables: [
      {
        columns: ['step', 'rows', 'MB', 'seconds', 'rows/s', 'most memory, MiB'],
        rows: [...small, ...large].map(({ what, rows, megabytes, seconds, memoryMib }) => [
          what,
          rows,
          megabytes,
          seconds,
          rows / seconds,
          memoryMib,
        ]),
      },
    ],
  });
}

/** How long a table takes to come and to go, and how much memory. */
export const transfer: Part = { name: 'transfer', title: 'Import and export, SQLite', run };
