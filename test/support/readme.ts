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

function summary(): string {
  return `${operations.length} of the ${operations.length + notImplemented.length} operations of the API, with every constraint of its model. The others answer 501 \`NotImplementedException\`, never a made-up success.`;
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

/** What follows from the code, by the documents and their sections that hold it. */
const generated: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'README.md': { summary, settings: settingsTable },
  'docs/operations.md': { operations: operationsTable },
};

/** The documents that hold something that follows from the code. */
export const generatedDocuments = Object.keys(generated);

function replaceSection(text: string, name: string, content: string): string {
  const section = new RegExp(`(<!-- ${name}:[^>]*-->\n)[^]*?(<!-- /${name} -->)`);
  if (!section.test(text)) throw new Error(`the document has no section ${name}`);
  return text.replace(section, (_, start, end) => `${start}\n${content}\n\n${end}`);
}

/** A document with what follows from the code. */
export function withGenerated(document: string, text: string): string {
  return Object.entries(generated[document] ?? {}).reduce(
    (before, [name, content]) => replaceSection(before, name, content()),
    text,
  );
}
