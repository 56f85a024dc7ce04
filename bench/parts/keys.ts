import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { copyDomain } from '../domains/cache.ts';
import { CARD, cardOf, DOMAIN, NEW, profileIdOf, scramble } from '../domains/customers.ts';
import { peerVersion } from '../environment.ts';
import { LOGGING, startKeyfold } from '../keyfold.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext, Target } from '../part.ts';
import {
  askCognito,
  askDynalite,
  createTable,
  createUserPool,
  startCognito,
  startDynalite,
  startHandWritten,
  whyNoPeer,
} from '../peers/start.ts';
import { Worker } from '../process/child.ts';
import type { ServerProcess } from '../process/server.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { countCards, customersOf, expectCount, outcome, scheduleOf } from './common.ts';

function profilesIn({ isQuick }: PartContext): number {
  return isQuick ? 500 : 100_000;
}

/** A side with what it must reach, and how to see that what it answered is there. */
interface Contender {
  readonly side: RequestSide;
  readonly target?: Target;
  check(): Promise<void> | void;
}

/** Keyfold's side and those of the others. */
type Sides = [RequestSide, ...RequestSide[]];

/** Servers on a copy of the domain, each of its own. */
async function onDomain(context: PartContext, generator: Worker) {
  const { folder, say, own } = context;
  const profiles = profilesIn(context);
  const plan = customersOf(profiles);
  const parameters = { profiles };
  const contender = async (
    name: string,
    start: (database: string) => Promise<ServerProcess>,
    recordsPerKey: number,
    target?: Target,
  ): Promise<Contender> => {
    const file = await copyDomain(plan, join(folder, `${name.replaceAll(' ', '-')}.db`), say);
    const server = await own(start(file));
    const side = loadSide(generator, { name, server, plan: 'add-key', parameters });
    return {
      side,
      ...(target && { target }),
      async check() {
        await server.stop();
        const { cards, records } = countCards(file);
        expectCount(`cards of ${name}`, cards, profiles + side.sent());
        expectCount(`records of ${name}`, records, profiles + side.sent() * recordsPerKey);
      },
    };
  };
  const handWritten = (history: string) => (database: string) =>
    startHandWritten(folder, { database, history, storage: 'yes' });
  return {
    keyfold: await contender('Keyfold', (database) => startKeyfold({ database, folder }), 1),
    handWritten: await contender('hand-written', handWritten('yes'), 1, { atLeast: 3 }),
    more: [
      await contender('hand-written, no history', handWritten('no'), 0),
      await contender(
        'Keyfold without a log',
        (database) => startKeyfold({ database, folder, env: { KEYFOLD_LOG_LEVEL: 'warn' } }),
        1,
      ),
    ],
  };
}

async function withoutStorage(context: PartContext, generator: Worker): Promise<Contender> {
  const server = await context.own(startHandWritten(context.folder, { storage: 'no' }));
  const parameters = { profiles: 1_000 };
  return {
    side: loadSide(generator, { name: 'bare HTTP', server, plan: 'add-key', parameters }),
    target: { atLeast: 0.5 },
    check: () => {},
  };
}

async function dynalite(context: PartContext, generator: Worker): Promise<Contender> {
  const server = await context.own(startDynalite(context.folder));
  await createTable(server);
  const parameters = { profiles: 1_000 };
  const side = loadSide(generator, { name: 'dynalite', server, plan: 'dynalite-put', parameters });
  return {
    side,
    target: { atLeast: 2 },
    async check() {
      const last = side.sent() - 1;
      const profile = { S: profileIdOf(scramble(last) % parameters.profiles) };
      const key = { S: `${CARD}#${cardOf(NEW + last)}` };
      const found = await askDynalite(server, 'GetItem', {
        TableName: DOMAIN,
        Key: { profile, key },
      });
      if (!found.includes('"Item"')) throw new Error('dynalite lost an item that it answered');
    },
  };
}

async function cognito(context: PartContext, generator: Worker): Promise<Contender> {
  const server = await context.own(startCognito(context.folder));
  const UserPoolId = await createUserPool(server);
  const parameters = { userPoolId: UserPoolId };
  const plan = 'cognito-create-group';
  const side = loadSide(generator, { name: 'cognito-local', server, plan, parameters });
  return {
    side,
    target: { atLeast: 30 },
    async check() {
      const GroupName = cardOf(NEW + side.sent() - 1);
      await askCognito(server, 'GetGroup', { UserPoolId, GroupName });
    },
  };
}

/** Keyfold and the server by hand must answer the same. */
async function compareAnswers(keyfold: RequestSide, other: RequestSide): Promise<void> {
  const [own, others] = [await keyfold.sample(), await other.sample()];
  if (!isDeepStrictEqual(own, others))
    throw new Error(`answers differ: ${JSON.stringify(own)} and ${JSON.stringify(others)}`);
}

const notes = (profiles: number) => [
  `AddProfileKey of one new value, 64 keep-alive clients, a domain of ${profiles.toLocaleString('en-GB')} profiles, SQLite with \`synchronous=FULL\`: every answered write is flushed.`,
  LOGGING,
  '*hand-written*: bare node:http and better-sqlite3 on Keyfold’s tables and settings; a request is one `BEGIN IMMEDIATE … COMMIT` that finds the domain and the profile, inserts the key and its two indexes, writes the history record, and is answered with the same JSON. No authentication, validation, limits or log. *No history* leaves the record out.',
  '*bare HTTP*: the same server parsing and answering the same JSON and storing nothing.',
  '*dynalite* 4 PutItem of an item with profile and value as its key, on LevelDB: it does not flush, so an answered write may be lost with the machine. *cognito-local* 5 CreateGroup: it writes its whole JSON file and does not flush either.',
];

async function run(context: PartContext) {
  const generator = await context.own(new Worker());
  const { keyfold, handWritten, more } = await onDomain(context, generator);
  const others = [handWritten, ...more, await withoutStorage(context, generator)];
  const missing: string[] = [];
  for (const [name, start] of [
    ['dynalite', dynalite],
    ['cognito-local', cognito],
  ] as const) {
    const why = whyNoPeer(name, context.hasPeers);
    if (why === undefined) others.push(await start(context, generator));
    else missing.push(why);
  }
  await compareAnswers(keyfold.side, handWritten.side);
  const sides: Sides = [keyfold.side, ...others.map(({ side }) => side)];
  const rounds = await alternate(sides, scheduleOf(context));
  for (const { check } of [keyfold, ...others]) await check();
  const [ownRounds, ...otherRounds] = rounds;
  const versions = Object.fromEntries(
    (['dynalite', 'cognito-local'] as const).flatMap((name) => {
      const version = context.hasPeers ? peerVersion(name) : undefined;
      return version === undefined ? [] : [[name, version]];
    }),
  );
  return outcome({
    notes: notes(profilesIn(context)),
    missing,
    versions,
    measured: otherRounds.map((other, index) =>
      throughputRatio(ownRounds, other, others[index]?.target),
    ),
    tables: [loadTable(rounds)],
  });
}

/** AddProfileKey, durable, against what could be had instead. */
export const keys: Part = {
  name: 'keys',
  title: 'AddProfileKey against other servers, SQLite',
  usesPeers: true,
  run,
};
