import { describe, expect, test } from 'vitest';
import type { CliCommand } from '../../src/cli/command.ts';
import { createProgram, unknownVariables } from '../../src/cli/program.ts';

const print = async () => {};
const fail = () => {};

const newProgram = () => createProgram({ environment: {}, print, fail });

/** A command with all that are under it. */
function walk(command: CliCommand): CliCommand[] {
  return [command, ...command.commands.flatMap((sub) => walk(sub as CliCommand))];
}

/** `keyfold merges list`. */
function nameOf(command: CliCommand): string {
  const { parent } = command;
  return parent === null ? command.name() : `${nameOf(parent as CliCommand)} ${command.name()}`;
}

/** What a command prints for `--help`. */
function helpOf(command: CliCommand): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  return text;
}

interface Line {
  /** The variables that are set for the command, by name. */
  readonly environment: Record<string, string>;
  readonly args: readonly string[];
}

/** A line of the shell that runs Keyfold; undefined for one that runs something else. */
function parseLine(text: string): Line | undefined {
  const [command = ''] = text.split(/ [|>] /);
  const words = command.split(' ');
  const program = words.indexOf('keyfold');
  const variables = words.slice(0, Math.max(0, program));
  if (program < 0 || !variables.every((word) => /^[A-Z_]+=/.test(word))) return undefined;
  const environment = Object.fromEntries(
    variables.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  return { environment, args: words.slice(program + 1) };
}

/** The command that a line names, which is not run. @throws CommanderError when it can't be. */
async function commandOf(args: readonly string[]): Promise<string> {
  const program = newProgram();
  let named = '';
  for (const command of walk(program).slice(1))
    command.action(() => {
      // What follows `serve`, which is there without its name, is a command that isn't.
      expect(command.name() === 'serve' ? command.args : []).toEqual([]);
      named = nameOf(command);
    });
  await program.parseAsync(args, { from: 'user' });
  return named;
}

const commands = walk(newProgram()).map((command) => [nameOf(command), command] as const);

describe.each(commands)('%s', (name, command) => {
  test('says what it does', () => {
    expect(command.description()).not.toBe('');
    expect(helpOf(command)).toContain(`Usage: ${name}`);
  });

  test('has examples that name it, with options that it has', async () => {
    const lines = command.examples.flatMap((example) => parseLine(example) ?? []);
    expect(lines).not.toEqual([]);
    for (const { args, environment } of lines) {
      const named = await commandOf(args);
      const isGroup = command.commands.length > 0;
      expect(named).toMatch(new RegExp(`^${name}${isGroup ? ' ' : '$'}`));
      expect(unknownVariables({ environment, print, fail })).toEqual([]);
    }
    for (const example of command.examples) expect(helpOf(command)).toContain(`\n  ${example}`);
  });

  test('is shown as plain text, with defaults called so', () => {
    const help = helpOf(command);
    expect(help).not.toContain('`');
    if (help.includes('--database <value>')) expect(help).toContain('default: ./data/keyfold.db');
  });
});

test.each(['keyfold', 'keyfold serve', 'keyfold demo'])('%s lists all exit codes', (name) => {
  const [, command] = commands.find(([own]) => own === name) ?? [];
  expect(command).toBeDefined();
  const codes = helpOf(command as CliCommand).match(/^ {2}\d(?= {2}\w)/gm);
  expect(codes).toEqual(['  0', '  1', '  2', '  3']);
});

test.each([
  ['keyfold import', 'again'],
  ['keyfold export', 'replace'],
  ['keyfold restore', 'replace'],
  ['keyfold dead-letters replay', 'all'],
  ['keyfold dead-letters delete', 'all'],
])('%s says that its variable gives things up like --%s', (name, flag) => {
  const [, command] = commands.find(([own]) => own === name) ?? [];
  // The help breaks its lines.
  const help = helpOf(command as CliCommand).replace(/\s+/g, ' ');
  expect(help).toContain(`KEYFOLD_${flag.toUpperCase()}=true does the same`);
});
