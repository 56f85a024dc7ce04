import { join } from 'node:path';
import { runCommand } from '../../src/cli/program.ts';
import { temporaryFolder } from './folder.ts';

/** Runs a command in this process. */
export async function runInProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const lines: string[] = [];
  let isFailed = false;
  await runCommand(args, {
    environment: { KEYFOLD_DATABASE: join(temporaryFolder(), 'keyfold.db'), ...environment },
    print: async (line) => void lines.push(line),
    fail: () => {
      isFailed = true;
    },
  });
  return { lines, isFailed };
}
