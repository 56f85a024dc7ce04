import { recordHistories } from '../support/histories.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { type Call, isLinearizable } from '../support/linearizability.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

const CALLS_PER_CLIENT = 60;

/** How many calls there were, and how many without an answer: a machine that is held up refuses some. */
function check(histories: ReadonlyMap<string, readonly Call[]>, seed: number) {
  const counts = { calls: 0, unanswered: 0 };
  for (const [key, history] of histories) {
    counts.calls += history.length;
    counts.unanswered += history.filter(({ endedAt }) => endedAt === Infinity).length;
    if (!isLinearizable(history))
      throw violation(seed, `no order explains ${key}: ${JSON.stringify(history)}`);
  }
  return counts;
}

/**
 * 16 clients add, delete and search 8 keys through processes on one database. Each cycle records 8
 * histories, one of each key, and every one must have an order that explains all its answers.
 */
export async function tortureOwnership(run: Run, processes: number): Promise<Figures> {
  const args = ['--port', '0', '--database', await run.makeDatabase()];
  const servers = Array.from({ length: processes }, () => new KeyfoldProcess({ args }));
  const figures = { histories: 0, calls: 0, unanswered: 0 };
  try {
    const urls = await Promise.all(servers.map((server) => server.url()));
    await eachCycle(run, async (seed) => {
      const histories = await recordHistories(urls, CALLS_PER_CLIENT, seed);
      const { calls, unanswered } = check(histories, seed);
      figures.calls += calls;
      figures.unanswered += unanswered;
      figures.histories += histories.size;
    });
  } finally {
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
  }
  return figures;
}
