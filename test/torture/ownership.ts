import { recordHistories } from '../support/histories.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { type Call, isLinearizable } from '../support/linearizability.ts';

const CALLS_PER_CLIENT = 60;

export interface OwnershipOptions {
  /** An empty database. */
  readonly database: string;
  /** How many processes serve it at once. */
  readonly processes: number;
  readonly cycles: number;
  /** The seed of the first cycle; each later one has the next. */
  readonly seed: number;
  readonly onCycle?: (cycle: number) => void;
}

export interface OwnershipCounts {
  readonly histories: number;
  readonly calls: number;
}

function violation(seed: number, what: string): Error {
  return new Error(
    `seed ${seed}: ${what}\nto repeat: the same command with --cycles 1 --seed ${seed}`,
  );
}

function check(histories: ReadonlyMap<string, readonly Call[]>, seed: number): number {
  let calls = 0;
  for (const [key, history] of histories) {
    calls += history.length;
    // Nobody stops these servers: a call without an answer is a failure of its own.
    const unanswered = history.filter(({ endedAt }) => endedAt === Infinity).length;
    if (unanswered > 0) throw violation(seed, `${unanswered} calls on ${key} unanswered`);
    if (!isLinearizable(history))
      throw violation(seed, `no order explains ${key}: ${JSON.stringify(history)}`);
  }
  return calls;
}

/**
 * Records histories of who holds a key, and checks each. Ends with an error that names the seed at
 * the first history that no order explains.
 */
export async function tortureOwnership(options: OwnershipOptions): Promise<OwnershipCounts> {
  const { database, cycles, seed, onCycle = () => {} } = options;
  const args = ['--port', '0', '--database', database];
  const servers = Array.from({ length: options.processes }, () => new KeyfoldProcess({ args }));
  const counts = { histories: 0, calls: 0 };
  try {
    const urls = await Promise.all(servers.map((server) => server.url()));
    for (let cycle = 0; cycle < cycles; cycle++) {
      const histories = await recordHistories(urls, CALLS_PER_CLIENT, seed + cycle);
      counts.calls += check(histories, seed + cycle);
      counts.histories += histories.size;
      onCycle(cycle + 1);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  }
  return counts;
}
