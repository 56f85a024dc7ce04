import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Figures } from './scenario.ts';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** What a long run of one set-up has come to. */
export interface Result {
  readonly name: string;
  readonly setUp: string;
  readonly engine: string;
  readonly cycles: number;
  readonly seed: number;
  readonly seconds: number;
  readonly figures: Figures;
  /** The limits of time that it did not keep, in words. */
  readonly missed: readonly string[];
}

function figuresText(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toLocaleString('en', { maximumFractionDigits: 1 })}`)
    .join('; ');
}

/** The row of a table of results. */
export function resultRow(result: Result): string {
  const { name, setUp, engine, cycles, seed, seconds, figures, missed } = result;
  const within = missed.length === 0 ? 'yes' : `no: ${missed.join(', ')}`;
  const counted = [cycles, seed, Math.round(seconds)];
  return `| ${[name, setUp, engine, ...counted, figuresText(figures), within].join(' | ')} |`;
}

/** What the rows of {@link resultRow} stand under. */
export const resultHead = [
  '| scenario | set-up | database | cycles | first seed | seconds | figures | within its limits of time |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
].join('\n');

function revision(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', 'src', 'migrations') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? ', with changes' : ''}`;
}

/** Appends a run to the file of results, with when and on what it ran. */
export function recordResults(results: readonly Result[]): void {
  const day = new Date().toISOString().slice(0, 10);
  const load = loadavg()[0]?.toFixed(1);
  const machine = `${availableParallelism()} × ${cpus()[0]?.model}, ${process.platform} ${process.arch}`;
  const title = `## ${day}, revision ${revision()}`;
  const conditions = `${machine}, Node ${process.versions.node}; load average at the end ${load}`;
  const rows = results.map(resultRow);
  appendFileSync(RESULTS, `\n${[title, '', conditions, '', resultHead, ...rows].join('\n')}\n`);
}
