import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CARD, profileIdOf } from '../domains/customers.ts';
import { type RecordedQuery, recordAddProfileKey } from '../inside/record.ts';
import { type LoadResult, quantile } from '../load/generate.ts';
import type { Side } from '../rounds.ts';

const run = promisify(execFile);

/** Where Debian and its like keep the programs of each version. */
const VERSIONS = '/usr/lib/postgresql';
const DIGITS_OF_PROFILE = 15;

/** pgbench by its path, or undefined: the server's package doesn't bring it. */
export function findPgbench(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...(existsSync(VERSIONS)
      ? readdirSync(VERSIONS).map((version) => join(VERSIONS, version, 'bin'))
      : []),
  ];
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
}

/** A value as SQL has it. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}

/** Several commands of one message stay one message. */
function toScript({ sql, values }: RecordedQuery): string {
  const text = sql.replace(/\$(\d+)/g, (_, number) => literal(values[Number(number) - 1]));
  return `${text.replaceAll(/;\s*(?=\S)/g, ' \\; ')};`;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * A script for pgbench with what AddProfileKey sends, each time about some profile and with a value and
 * ids of its own.
 *
 * @param profiles how many the domain has.
 */
async function writeScript(url: string, profiles: number): Promise<string> {
  // Twice: a unit of work also removes the marker of the one before on its connection.
  const values = ['LC-first', 'LC-recorded'];
  const recordIds = ['first', 'recorded'].map((name) => name.padEnd(32, '-'));
  const profileId = profileIdOf(0);
  const recorded = await recordAddProfileKey({ url, profileId, keyName: CARD, values, recordIds });
  const [lastUnit = '', unit = ''] = [...new Set(recorded[0]?.sql.match(uuid))];
  const changes: readonly (readonly [string, string])[] = [
    [profileId, `${profileId.slice(0, -DIGITS_OF_PROFILE)}:profile`],
    [values[1] ?? '', 'LC-:value'],
    [recordIds[1] ?? '', '01990000000070009:record'],
    [lastUnit, '00000000-0000-4000-8000-:last'],
    [unit, '00000000-0000-4000-8000-:unit'],
  ];
  let script = recorded.map(toScript).join('\n');
  for (const [found, variable] of changes) {
    if (found === '' || !script.includes(found))
      throw new Error(`AddProfileKey sent no ${variable}: ${script}`);
    script = script.replaceAll(found, variable);
  }
  const first = Number(profileId.slice(-DIGITS_OF_PROFILE));
  return [
    `\\set profile random(${first}, ${first + profiles - 1})`,
    '\\set value random(1000000000000, 9999999999999)',
    '\\set record random(100000000000000, 999999999999999)',
    '\\set unit random(100000000000, 999999999999)',
    script,
    '\\set last :unit',
    '',
  ].join('\n');
}

interface PgbenchSide {
  readonly pgbench: string;
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly profiles: number;
  readonly clients: number;
}

/** What pgbench has logged: the third number of each line is how long a transaction took, in µs. */
function latencies(folder: string, prefix: string): Float64Array {
  const ms: number[] = [];
  for (const name of readdirSync(folder).filter((file) => file.startsWith(`${prefix}.`))) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n'))
      if (line !== '') ms.push(Number(line.split(' ')[2]) / 1000);
    rmSync(join(folder, name));
  }
  return Float64Array.from(ms).sort();
}

/** A side whose rounds are transactions of pgbench: the same statements, sent by a program in C. */
export async function pgbenchSide(
  options: PgbenchSide,
): Promise<Side<LoadResult> & { sent(): number }> {
  const { pgbench, name, url, folder, profiles, clients } = options;
  const prefix = `pgbench-${clients}`;
  const script = join(folder, `script-${clients}.sql`);
  writeFileSync(script, await writeScript(url, profiles));
  let sent = 0;
  return {
    name,
    sent: () => sent,
    async round(seconds) {
      const { stdout } = await run(
        pgbench,
        [
          '--no-vacuum',
          `--client=${clients}`,
          `--time=${Math.max(1, Math.round(seconds))}`,
          '--define=last=0',
          `--random-seed=${sent + 1}`,
          `--file=${script}`,
          '--log',
          `--log-prefix=${prefix}`,
          url,
        ],
        { cwd: folder },
      );
      const [, processed] = /actually processed: (\d+)/.exec(stdout) ?? [];
      const [, failed] = /failed transactions: (\d+)/.exec(stdout) ?? [];
      const [, tps] = /tps = ([\d.]+)/.exec(stdout) ?? [];
      if (processed === undefined || tps === undefined || failed !== '0')
        throw new Error(`pgbench says: ${stdout}`);
      sent += Number(processed);
      const sorted = latencies(folder, prefix);
      return {
        requests: Number(processed),
        opsPerSecond: Number(tps),
        p50Ms: quantile(sorted, 0.5),
        p99Ms: quantile(sorted, 0.99),
        generatorBusy: Number.NaN,
      };
    },
  };
}
