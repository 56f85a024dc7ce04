import { DOMAIN } from '../domains/customers.ts';
import { domainStats, LOGGING, startKeyfold } from '../keyfold.ts';
import { TICKET } from '../load/plans.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { openStore, type Store } from '../stores.ts';
import { customersOf, expectCount, outcome, scheduleOf } from './common.ts';

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

async function run(engine: Store['engine'], context: PartContext) {
  const { folder, own, isQuick } = context;
  const store = await openStore(engine, context);
  if (typeof store === 'string') return outcome({ missing: [store] });
  const profiles = isQuick ? 500 : 100_000;
  const generator = await own(new Worker());
  const database = await store.database('objects', customersOf(profiles));
  const keyfold = await own(startKeyfold({ database, folder }));
  const path = `/domains/${DOMAIN}/object-types/${TICKET}`;
  await keyfold.request('PUT', path, JSON.stringify(ticketType));
  const shared = { server: keyfold, parameters: { profiles } };
  const sides: [RequestSide, RequestSide, RequestSide] = [
    loadSide(generator, { ...shared, name: 'finds its profile', plan: 'put-object-found' }),
    loadSide(generator, { ...shared, name: 'creates a profile', plan: 'put-object-created' }),
    loadSide(generator, { ...shared, name: 'AddProfileKey', plan: 'add-key' }),
  ];
  const rounds = await alternate(sides, scheduleOf(context, engine === 'SQLite' ? 5 : 3));
  const [found, created] = [sides[0].sent(), sides[1].sent()];
  const stats = await domainStats(keyfold);
  expectCount('profiles', stats.profiles, profiles + created);
  expectCount('objects', stats.objects, found + created);
  const [finds, creates, key] = rounds;
  return outcome({
    versions: store.versions,
    notes: [
      `PutProfileObject of a ticket that finds its profile by e-mail address, sets its name and an attribute and stays with it, and of one that makes a new profile; 64 keep-alive clients, ${profiles.toLocaleString('en-GB')} profiles, rule-based matching on. All three go to one server in turn; AddProfileKey is the yardstick.`,
      store.note,
      LOGGING,
    ],
    measured: [throughputRatio(finds, key), throughputRatio(creates, key)],
    tables: [loadTable(rounds)],
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
