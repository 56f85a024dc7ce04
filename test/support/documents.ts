import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './keyfold-process.ts';

const find = (pattern: string) => globSync(pattern, { cwd: projectFolder }).sort();

/** The documents that tell people what to do. Files of deploy/ do so at their head. */
export const guides: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...find('docs/*.md'),
  ...find('deploy/*.yaml'),
];

/** Every document in Markdown, the records of decisions and of changes included. */
export const documents: readonly string[] = [
  ...guides.filter((path) => path.endsWith('.md')),
  'CHANGELOG.md',
  ...find('docs/decisions/*.md'),
];

/** The text of a document, by its path in the project. */
export function readDocument(path: string): string {
  return readFileSync(join(projectFolder, path), 'utf8');
}

/** What a document shows between fences. */
export interface Block {
  /** As after the opening fence; empty when there is nothing. */
  readonly language: string;
  readonly text: string;
  /** The line on which it begins. */
  readonly line: number;
}

/** The blocks of a text in Markdown. */
export function blocksOf(markdown: string): Block[] {
  const blocks = markdown.matchAll(/^( *)```([\w-]*)\n([\s\S]*?)^\1```$/gm);
  return [...blocks].map(({ 1: indent = '', 2: language = '', 3: text = '', index }) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: markdown.slice(0, index).split('\n').length + 1,
  }));
}

/** A text in Markdown without its blocks, for what is said around them. */
export function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^( *)```[\w-]*\n[\s\S]*?^\1```$/gm, '');
}

/** The blocks of commands that a guide shows: those of `sh`, or paragraphs that are indented in the comment at a file's head. */
export function commandBlocksOf(path: string): string[] {
  const text = readDocument(path);
  if (path.endsWith('.md'))
    return blocksOf(text)
      .filter(({ language }) => language === 'sh')
      .map((block) => block.text);
  const [head = ''] = /^(?:#.*\n)*/.exec(text) ?? [];
  return head
    .split(/^#\n/m)
    .filter((paragraph) => /^# {3}\S/.test(paragraph))
    .map((paragraph) => paragraph.replaceAll(/^# {3}/gm, ''));
}

/** Where the comment of a line begins, and the quote that is open at its end; `quote` is open at its beginning. */
function readLine(line: string, quote: string): { text: string; quote: string } {
  let open = quote;
  for (const [at, character] of [...line].entries()) {
    if (open !== '') {
      if (character === open) open = '';
    } else if (character === "'" || character === '"') {
      open = character;
    } else if (character === '#' && /^$|\s$/.test(line.slice(0, at))) {
      return { text: line.slice(0, at).trimEnd(), quote: '' };
    }
  }
  return { text: line, quote: open };
}

/** The commands of a block: without comments, and with lines joined that belong together. */
export function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let command = '';
  let quote = '';
  let endOfDocument: string | undefined;
  for (const line of block.split('\n')) {
    if (endOfDocument !== undefined) {
      command += `\n${line}`;
      if (line !== endOfDocument) continue;
      endOfDocument = undefined;
    } else {
      const isInQuotes = quote !== '';
      const read = readLine(line, quote);
      quote = read.quote;
      const text = isInQuotes ? read.text : read.text.trim();
      if (quote !== '') {
        command += `${text}\n`;
        continue;
      }
      if (text.endsWith('\\')) {
        command += `${text.slice(0, -1).trimEnd()} `;
        continue;
      }
      command += text;
      endOfDocument = /<<'?(\w+)'?/.exec(text)?.[1];
      if (endOfDocument !== undefined) continue;
    }
    if (command !== '') commands.push(command);
    command = '';
  }
  return commands;
}

/** The programs that a command starts. */
export function programsOf(command: string): string[] {
  const [line = ''] = command.split('\n');
  const withoutText = line.replaceAll(/'[^']*'/g, "''").replaceAll(/\d?>&\d/g, '');
  const inner = [...withoutText.matchAll(/\$\(([^()]*)\)/g)].map(([, text = '']) => text);
  const outer = withoutText.replaceAll(/\$\([^()]*\)/g, '').replaceAll(/"[^"]*"/g, '""');
  const parts = [outer, ...inner].flatMap((text) => text.split(/&&|\|\|?|;|&/));
  const words = parts.map((part) => part.replaceAll(/[()]/g, ' ').trim());
  return words
    .map((part) => part.replace(/^(?:\w+=\S*\s*)*/, '').split(/\s/, 1)[0] ?? '')
    .filter((word) => word !== '');
}

/** The anchors that GitHub gives to the headings of a text in Markdown. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const headings = withoutBlocks(markdown).matchAll(/^#{1,6} +(.*?)(?: +#+)? *$/gm);
  for (const [, heading = ''] of headings) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let free = anchor;
    for (let count = 1; anchors.has(free); count++) free = `${anchor}-${count}`;
    anchors.add(free);
  }
  return anchors;
}

/** A link to another place of the project. */
export interface Link {
  /** As it is written; empty when it leads to the document itself. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** The links of a text in Markdown, but for those to elsewhere. */
export function linksOf(markdown: string): Link[] {
  const links = withoutBlocks(markdown).matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  return [...links].map(([, path = '', anchor]) => ({ path, anchor }));
}
