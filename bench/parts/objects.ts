import { DOMAIN } from '../domains/customers.ts';
import { domainStats, LOGGING, startKeyfold } from '../keyfold.ts';
import type { LoadResult } from '../load/generate.ts';
import { type PlanName, TICKET } from '../load/plans.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Measured, Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, type Rounds, ratioOf, throughputRatio } from '../rounds.ts';
import { openStore, type Store } from '../stores.ts';
import { customersOf, expectCount, nameOfSize, outcome, scheduleOf, settled } from './common.ts';

/** A ticket is its customer's by e-mail address, and makes a customer where there is none. */
const ticketType = {
  Description: 'Tickets',
  AllowProfileCreation: true,
  Fields: {
    id: { Source: '_source.id' },
    email: {
      Source: '_source.email',
      Target: '_profile.EmailAddress',
      ContentType: 'EMAIL_ADDRESS',
    },
    name: { Source: '{{_source.first}} {{_source.last}}', Target: '_profile.FirstName' },
    plan: { Source: '_source.plan', Target: '_profile.Attributes.plan' },
  },
  Keys: {
    ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
    _email: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['email'] }],
  },
};

/** A domain of one size and a service on it, which tickets and keys are sent to in turn. */
async function openSize(
  { folder, own }: PartContext,
  store: Store,
  generator: Worker,
  profiles: number,
) {
  const database = await store.database(`objects_${profiles}`, customersOf(profiles));
  const server = await own(startKeyfold({ database, folder }));
  const path = `/domains/${DOMAIN}/object-types/${TICKET}`;
  await server.request('PUT', path, JSON.stringify(ticketType));
  const side = (what: string, plan: PlanName) =>
    loadSide(generator, {
      name: `${what}, ${nameOfSize(profiles)}`,
      server,
      plan,
      parameters: { profiles },
    });
  const sides: [RequestSide, RequestSide, RequestSide] = [
    side('finds its profile', 'put-object-found'),
    side('creates a profile', 'put-object-created'),
    side('AddProfileKey', 'add-key'),
  ];
  const check = async () => {
    const [found, created] = [sides[0].sent(), sides[1].sent()];
    const stats = await domainStats(server);
    expectCount('profiles', stats.profiles, profiles + created);
    expectCount('objects', stats.objects, found + created);
  };
  return { database, sides, check };
}

async function run(engine: Store['engine'], context: PartContext) {
  const { own, isQuick } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const generator = await own(new Worker());
  const [fewer, more] = isQuick ? [200, 500] : [10_000, 1_000_000];
  const small = await openSize(context, store, generator, fewer);
  const large = await openSize(context, store, generator, more);
  const schedule = scheduleOf(context, engine === 'SQLite' ? 5 : 3);
  const [finds, creates, key, findsIn, createsIn, keyIn] = await alternate(
    [
      settled(store, small.database, small.sides[0]),
      settled(store, small.database, small.sides[1]),
      settled(store, small.database, small.sides[2]),
      settled(store, large.database, large.sides[0]),
      settled(store, large.database, large.sides[1]),
      settled(store, large.database, large.sides[2]),
    ],
    schedule,
  );
  await small.check();
  await large.check();
  const growth = (what: string, at: Rounds<LoadResult>, before: Rounds<LoadResult>): Measured => ({
    name: `${what}: time with ${nameOfSize(more)} / with ${nameOfSize(fewer)}`,
    unit: '×',
    ...ratioOf(before, at, ({ opsPerSecond }) => opsPerSecond),
  });
  return outcome({
    versions: store.versions,
    notes: [
      'PutProfileObject of a ticket that finds its profile by e-mail address, sets its name and an attribute and stays with it, and of one that makes a new profile; 64 keep-alive clients, rule-based matching on. All go to one server for each size in turn; AddProfileKey is the yardstick.',
      store.note,
      LOGGING,
    ],
    measured: [
      throughputRatio(finds, key),
      throughputRatio(creates, key),
      throughputRatio(findsIn, keyIn),
      throughputRatio(createsIn, keyIn),
      growth('finds its profile', findsIn, finds),
      growth('creates a profile', createsIn, creates),
      growth('AddProfileKey', keyIn, key),
    ],
    tables: [loadTable([finds, findsIn, creates, createsIn, key, keyIn])],
  });
}

/** Storing objects, SQLite. */
export const objects: Part = {
  name: 'objects',
  title: 'PutProfileObject, SQLite',
  run: (context) => run('SQLite', context),
};

/** The same on PostgreSQL. */
export const objectsPostgres: Part = {
  name: 'objects-postgres',
  title: 'PutProfileObject, PostgreSQL',
  run: (context) => run('PostgreSQL', context),
};
