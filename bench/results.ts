import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Environment } from './environment.ts';
import { isMet, type Measured, type PartOutcome, type Table } from './part.ts';

/** What a run of a part has found, and on what. */
export interface PartResult extends PartOutcome {
  readonly name: string;
  readonly title: string;
  readonly isQuick: boolean;
  readonly environment: Environment;
}

/** The results of the last run of each part. */
export function readResults(file: string): PartResult[] {
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')) as PartResult[];
}

/** Puts new results in the place of older ones of the same parts, in the order of `names`. */
export function mergeResults(
  before: readonly PartResult[],
  now: readonly PartResult[],
  names: readonly string[],
): PartResult[] {
  const all = new Map([...before, ...now].map((result) => [result.name, result]));
  return names.flatMap((name) => all.get(name) ?? []);
}

/** Three digits that count; whole numbers where they are large. */
function shown(cell: number | string): string {
  if (typeof cell === 'string') return cell.replaceAll('|', '\\|');
  if (!Number.isFinite(cell)) return '–';
  if (Math.abs(cell) >= 1000) return Math.round(cell).toLocaleString('en-GB');
  return String(Number(cell.toPrecision(3)));
}

function renderTable({ columns, rows }: Table): string {
  const line = (cells: readonly (number | string)[]) => `| ${cells.map(shown).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

function targetOf({ target, unit }: Measured): string {
  if (target === undefined) return '';
  return 'atLeast' in target
    ? `≥ ${shown(target.atLeast)} ${unit}`
    : `≤ ${shown(target.atMost)} ${unit}`;
}

function verdict(measured: Measured): string {
  const met = isMet(measured);
  if (met === undefined) return '';
  return met ? 'met' : '**missed**';
}

function measuredRow(measured: Measured): string[] {
  const { name, value, unit, range } = measured;
  const spread = range === undefined ? '' : ` (${range.map(shown).join('–')})`;
  return [name, `${shown(value)} ${unit}${spread}`, targetOf(measured), verdict(measured)];
}

function renderEnvironment({ environment, versions, isQuick }: PartResult): string {
  const { date, revision, machine, fileSystem, loadBefore } = environment;
  const all = Object.entries({ ...environment.versions, ...versions });
  return [
    `${date}, Keyfold ${revision}; ${all.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `${machine}; databases on ${fileSystem}; load average ${shown(loadBefore)} before it began.`,
    ...(isQuick ? ['A quick run, which shows that it works and not how fast it is.'] : []),
  ].join('\n');
}

/** One part's results as a section of the document. */
export function renderPart(result: PartResult): string {
  const { name, title, notes, measured, tables, missing } = result;
  return [
    `## ${title}`,
    `\`npm run bench -- ${name}\` · ${renderEnvironment(result)}`,
    ...(measured.length === 0
      ? []
      : [
          renderTable({
            columns: ['what', 'measured', 'target', ''],
            rows: measured.map(measuredRow),
          }),
        ]),
    ...tables.map(renderTable),
    ...(missing.length === 0
      ? []
      : [missing.map((line) => `- **Not measured:** ${line}`).join('\n')]),
    ...(notes.length === 0 ? [] : [notes.map((line) => `- ${line}`).join('\n')]),
  ].join('\n\n');
}

/** The results as a document for people, targets first. */
function renderResults(results: readonly PartResult[]): string {
  const aims = results.flatMap(({ name, measured, isQuick }) =>
    measured
      .filter(({ target }) => target !== undefined)
      .map((one) => [`\`${name}\`${isQuick ? ' (quick)' : ''}`, ...measuredRow(one)]),
  );
  const missing = results.flatMap(({ name, missing: lines }) =>
    lines.map((line) => `- \`${name}\`: ${line}`),
  );
  return `${[
    '# Results',
    'Written by `npm run bench`: each part by its own last run, with what it ran on. Ratios are medians over rounds that alternate between the sides, within one run on one machine, with the lowest and the highest round in brackets where the run kept them; absolute figures are that machine’s. [CONTRIBUTING.md](../CONTRIBUTING.md) says how to run it.',
    '## Targets',
    renderTable({ columns: ['part', 'what', 'measured', 'target', ''], rows: aims }),
    ...(missing.length === 0 ? [] : ['Not measured:', missing.join('\n')]),
    ...results.map(renderPart),
  ].join('\n\n')}\n`;
}

/** Writes results for programs, and the document. */
export function writeResults(
  results: readonly PartResult[],
  { json, document }: { readonly json: string; readonly document: string },
): void {
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(document, renderResults(results));
}
