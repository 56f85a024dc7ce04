import { join } from 'node:path';
import { copyDomain } from '../domains/cache.ts';
import { peerVersion } from '../environment.ts';
import { LOGGING, startKeyfold } from '../keyfold.ts';
import type { PlanName, PlanParameters } from '../load/plans.ts';
import { loadSide } from '../load/side.ts';
import type { Measured, Part, PartContext, Target } from '../part.ts';
import {
  askCognito,
  askDynalite,
  createTable,
  createUserPool,
  startCognito,
  startDynalite,
  whyNoPeer,
} from '../peers/start.ts';
import { Worker } from '../process/child.ts';
import type { ServerProcess } from '../process/server.ts';
import { alternate, median } from '../rounds.ts';
import { customersOf, outcome } from './common.ts';

const MIB = 1024 * 1024;
/** How long a server is left alone before its memory at rest is read. */
const REST_MS = 2_000;
const QUICK_REST_MS = 100;

/** A server that can be started again and again. */
interface Startable {
  readonly name: string;
  readonly isKeyfold: boolean;
  start(): Promise<ServerProcess>;
  /** Sends the first request; resolves when it is answered. */
  ask(server: ServerProcess): Promise<unknown>;
  /** What it is loaded with, once it has been prepared. */
  load?(server: ServerProcess): Promise<{ plan: PlanName; parameters: PlanParameters }>;
}

async function keyfolds({ folder, isQuick, say }: PartContext): Promise<Startable[]> {
  const profiles = isQuick ? 500 : 100_000;
  const filled = await copyDomain(customersOf(profiles), join(folder, 'filled.db'), say);
  const ask = (server: ServerProcess) => server.request('GET', '/domains');
  let count = 0;
  return [
    {
      name: 'Keyfold, a database that is there',
      isKeyfold: true,
      ask,
      start: () => startKeyfold({ database: filled, folder }),
      load: async () => ({ plan: 'add-key', parameters: { profiles } }),
    },
    {
      name: 'Keyfold, a new database',
      isKeyfold: true,
      ask,
      start: () => startKeyfold({ database: join(folder, `new-${count++}.db`), folder }),
    },
  ];
}

const peers = {
  dynalite: (folder: string): Startable => ({
    name: 'dynalite',
    isKeyfold: false,
    ask: (server) => askDynalite(server, 'ListTables', {}),
    start: () => startDynalite(folder),
    async load(server) {
      await createTable(server);
      return { plan: 'dynalite-put', parameters: { profiles: 1_000 } };
    },
  }),
  'cognito-local': (folder: string): Startable => ({
    name: 'cognito-local',
    isKeyfold: false,
    ask: (server) => askCognito(server, 'ListUserPools', { MaxResults: 1 }),
    start: () => startCognito(folder),
    load: async (server) => ({
      plan: 'cognito-create-group',
      parameters: { userPoolId: await createUserPool(server) },
    }),
  }),
};

/** Milliseconds from the start of the process to its first answer; the process then ends. */
async function timeStart({ start, ask }: Startable): Promise<number> {
  const began = performance.now();
  const server = await start();
  try {
    await ask(server);
    return performance.now() - began;
  } finally {
    await server.stop();
  }
}

interface Memory {
  readonly name: string;
  readonly restMib: number;
  readonly loadMib: number;
}

async function measureMemory(
  startable: Startable,
  context: PartContext,
  generator: Worker,
): Promise<Memory | undefined> {
  const { name, start, ask, load } = startable;
  if (load === undefined) return undefined;
  const server = await context.own(start());
  await ask(server);
  await new Promise((resolve) => setTimeout(resolve, context.isQuick ? QUICK_REST_MS : REST_MS));
  const restMib = server.rssBytes() / MIB;
  const side = loadSide(generator, { name, server, ...(await load(server)) });
  let loadMib = 0;
  const [rounds, seconds] = context.isQuick ? [2, 0.2] : [10, 1];
  for (let round = 0; round < rounds; round++) {
    await side.round(seconds);
    loadMib = Math.max(loadMib, server.rssBytes() / MIB);
  }
  await server.stop();
  return { name, restMib, loadMib };
}

function medianAndRange(values: readonly number[]): Pick<Measured, 'range' | 'value'> {
  return { value: median(values), range: [Math.min(...values), Math.max(...values)] };
}

/** Keyfold's figures have targets; the others stand beside them. */
function aim(isKeyfold: boolean, target: Target): { target?: Target } {
  return isKeyfold ? { target } : {};
}

async function run(context: PartContext) {
  const { folder, own, isQuick, hasPeers } = context;
  const generator = await own(new Worker());
  const all = await keyfolds(context);
  const missing: string[] = [];
  const versions: Record<string, string> = {};
  for (const name of ['dynalite', 'cognito-local'] as const) {
    const why = whyNoPeer(name, hasPeers);
    if (why !== undefined) missing.push(why);
    else {
      all.push(peers[name](folder));
      versions[name] = peerVersion(name) ?? '';
    }
  }
  const sides = all.map((startable) => ({
    name: startable.name,
    round: () => timeStart(startable),
  }));
  const starts = await alternate(sides, {
    rounds: isQuick ? 2 : 10,
    seconds: 0,
    warmUpSeconds: 0,
  });
  const measured: Measured[] = all.map(({ name, isKeyfold }, index) => ({
    name: `start to first answer: ${name}`,
    ...medianAndRange(starts[index]?.results ?? []),
    unit: 'ms',
    ...aim(isKeyfold, { atMost: 300 }),
  }));
  for (const startable of all) {
    const memory = await measureMemory(startable, context, generator);
    if (memory === undefined) continue;
    measured.push(
      {
        name: `memory at rest: ${memory.name}`,
        value: memory.restMib * (MIB / 1e6),
        unit: 'MB',
        ...aim(startable.isKeyfold, { atMost: 100 }),
      },
      {
        name: `memory under load: ${memory.name}`,
        value: memory.loadMib * (MIB / 1e6),
        unit: 'MB',
      },
    );
  }
  return outcome({
    missing,
    versions,
    measured,
    notes: [
      'From starting the process to the answer to its first request (ListDomains, ListTables, ListUserPools), the median of starts that alternate; `node` itself is part of it, npm is not.',
      'Memory is the resident set: two seconds after the first answer, and the highest of ten readings between rounds of writes from 64 clients (AddProfileKey, PutItem, CreateGroup).',
      LOGGING,
    ],
  });
}

/** How long a start takes, and how much memory a server. */
export const start: Part = {
  name: 'start',
  title: 'Start and memory',
  usesPeers: true,
  run,
};
