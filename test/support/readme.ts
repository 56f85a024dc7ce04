import { describeSettings } from '../../src/config.ts';
import { operations } from '../../src/operations/index.ts';
import { notImplemented } from '../../src/operations/not-implemented.ts';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function operationsTable(): string {
  const rows = operations.map(({ name, method, path }) => [name, `\`${method} ${path}\``]);
  return [
    table(['operation', 'request'], rows),
    `The other ${notImplemented.length} operations of the API answer 501 \`NotImplementedException\`, never a made-up success.`,
  ].join('\n\n');
}

function settingsTable(): string {
  const rows = describeSettings().map(({ variable, option, fallback, help }) => [
    `\`${variable}\``,
    option === undefined ? '' : `\`${option}\``,
    fallback,
    help,
  ]);
  return table(['variable', 'option', 'default', 'meaning'], rows);
}

function replaceSection(text: string, name: string, content: string): string {
  const section = new RegExp(`(<!-- ${name}:[^>]*-->\n)[^]*?(<!-- /${name} -->)`);
  if (!section.test(text)) throw new Error(`README.md has no section ${name}`);
  return text.replace(section, (_, start, end) => `${start}\n${content}\n\n${end}`);
}

/** The README with the tables that follow from the code. */
export function withGeneratedTables(readme: string): string {
  const withOperations = replaceSection(readme, 'operations', operationsTable());
  return replaceSection(withOperations, 'settings', settingsTable());
}
