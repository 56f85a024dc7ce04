import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Connection } from '../../bench/load/connection.ts';
import { requestOf } from '../../bench/load/requests.ts';
import { memoryMibOf } from '../../bench/process/memory.ts';
import { normalKeyValue } from '../../src/identity/normal-forms.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import { callWell } from './api.ts';
import { readStored } from './consistency.ts';
import { quantileOf } from './quantiles.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

/** How many clients find out how much the service can do, each sending one request after another. */
const CAPACITY_CLIENTS = 64;
/** How many clients there are when there are too many. */
const CROWD_MAX = 2_000;
const PROFILES = 64;
/** How often requests are sent that are due. */
const TICK_MS = 2;
const MEMORY_SAMPLE_MS = 100;
/** When the flood is over a probe is sent each so often; one that takes longer than the second finds no recovery. */
const PROBE_MS = 20;
const PROBE_GOOD_MS = 250;
/** How long recovery is looked for. */
const RECOVERY_MS_MAX = 15_000;
const DOMAIN = '/domains/torture';

/** What is sent, and for how long. */
export interface OverloadPlan {
  readonly kinds: keyof typeof kindsOf;
  readonly capacityMs: number;
  readonly floodMs: number;
}

/** A request, and the keys that find what it has written once it is answered 200. */
interface Request {
  readonly text: string;
  readonly keys: readonly string[];
}

/** A value as the database has it, with its key. */
function keyed(keyName: string, value: string): string {
  return `${keyName} ${normalKeyValue(keyName, value)}`;
}

function json(method: string, path: string, body: object): string {
  return requestOf(method, `${DOMAIN}${path}`, JSON.stringify(body));
}

const ticket = (id: string) => JSON.stringify({ id });

/** Makes a request by a name that no other has. */
type Make = (unique: string, profileId: string) => Request;

function addKeys(ProfileId: string, Values: readonly string[]): Request {
  const text = json('POST', '/profiles/keys', { ProfileId, KeyName: 'card', Values });
  return { text, keys: Values.map((value) => keyed('card', value)) };
}

/** What takes a fraction of a millisecond each. */
const small: readonly Make[] = [
  (unique) => {
    const EmailAddress = `${unique}@example.com`;
    const text = json('POST', '/profiles', { EmailAddress, FirstName: 'Ada' });
    return { text, keys: [keyed('_email', EmailAddress)] };
  },
  (unique, profileId) => addKeys(profileId, [unique]),
  (unique) => {
    const body = { ObjectTypeName: 'tickets', Object: ticket(unique) };
    return { text: json('PUT', '/profiles/objects', body), keys: [keyed('ticket', unique)] };
  },
  (unique) => {
    const body = { KeyName: 'card', Values: [unique] };
    return { text: json('POST', '/profiles/search', body), keys: [] };
  },
];

function names(unique: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${unique}-${index}`);
}

/** The same, and what takes several milliseconds each: a hundred values of a key, ten objects. */
const mixed: readonly Make[] = [
  ...small,
  (unique, profileId) => addKeys(profileId, names(unique, 100)),
  (unique) => {
    const ids = names(unique, 10);
    const Items = ids.map((id) => ({ Id: id, Object: ticket(id) }));
    const path = '/profiles/objects/batch-put-profile-object';
    const text = json('PUT', path, { ObjectTypeName: 'tickets', Items });
    return { text, keys: ids.map((id) => keyed('ticket', id)) };
  },
];

const kindsOf = { small, mixed };

/** Requests of several kinds by chance, each another one. */
class Requests {
  readonly #name: string;
  readonly #random: (below: number) => number;
  readonly #profileIds: readonly string[];
  readonly #kinds: readonly Make[];
  #count = 0;

  constructor(seed: number, kinds: readonly Make[], profileIds: readonly string[]) {
    this.#name = `o${seed}`;
    this.#random = numbers(seed);
    this.#kinds = kinds;
    this.#profileIds = profileIds;
  }

  next(): Request {
    const make = this.#oneOf(this.#kinds);
    return make(`${this.#name}-${this.#count++}`, this.#oneOf(this.#profileIds));
  }

  #oneOf<T>(list: readonly T[]): T {
    // The index is one of the list's.
    return list[Math.floor(this.#random(list.length))] as T;
  }
}

/** What clients were told, and how long it took. */
class Told {
  readonly stored: string[] = [];
  readonly acceptedMs: number[] = [];
  readonly refusedMs: number[] = [];
  sent = 0;
  /** The first answer that is neither 200 nor 503, or a connection that broke. */
  fault: string | undefined;

  /** Sends a request; resolves when it is answered, or can't be. */
  send(connection: Connection, { text, keys }: Request): Promise<void> {
    this.sent += 1;
    const sentAt = performance.now();
    return new Promise((resolve) => {
      const answered = ({ status, body }: Answer) => {
        const tookMs = performance.now() - sentAt;
        // A batch that has taken some of its objects only doesn't say so of the rest, but by 503 and no other code.
        const isPartial = body.includes('"Failed":[{');
        if (status === 200 && !/"Code":(?!503)/.test(body)) {
          this.acceptedMs.push(tookMs);
          if (!isPartial) this.stored.push(...keys);
        } else if (status === 503) this.refusedMs.push(tookMs);
        else this.fault ??= `answered ${status} ${body} to ${text}`;
        resolve();
      };
      connection.send(text, answered, (error) => {
        this.fault ??= `${error.message} at ${text}`;
        resolve();
      });
    });
  }
}

/** How many requests a second are answered to clients that never pause. */
async function findCapacity(url: string, requests: Requests, told: Told, forMs: number) {
  const open = Array.from({ length: CAPACITY_CLIENTS }, () => Connection.open(url));
  const connections = await Promise.all(open);
  const startedAt = performance.now();
  const client = async (connection: Connection) => {
    while (performance.now() - startedAt < forMs && told.fault === undefined)
      await told.send(connection, requests.next());
  };
  await Promise.all(connections.map(client));
  for (const connection of connections) connection.close();
  return told.acceptedMs.length / ((performance.now() - startedAt) / 1000);
}

/**
 * Sends so many requests a second, whatever comes of them, as long as any of the clients is free.
 *
 * @returns when it has sent the last one; all are answered then.
 */
async function flood(
  connections: readonly Connection[],
  requests: Requests,
  told: Told,
  perSecond: number,
  forMs: number,
): Promise<number> {
  const free = [...connections];
  const waiting = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < forMs && told.fault === undefined; ) {
    const due = Math.floor((elapsedMs * perSecond) / 1000);
    while (told.sent < due) {
      // Who has waited longest: a server gives up connections that never send.
      const own = free.shift();
      if (own === undefined) break;
      const answer = told.send(own, requests.next()).then(() => {
        waiting.delete(answer);
        // Nobody sends on a connection that has broken: it would say nothing any more.
        if (told.fault === undefined) free.push(own);
      });
      waiting.add(answer);
    }
    await sleep(TICK_MS);
    elapsedMs = performance.now() - startedAt;
  }
  const endedAt = performance.now();
  await Promise.all(waiting);
  return endedAt;
}

/** Milliseconds from then on until requests are answered well again, one after another. */
async function findRecovery(
  url: string,
  requests: Requests,
  told: Told,
  startedAt: number,
): Promise<number> {
  const connection = await Connection.open(url);
  let now = performance.now();
  // Until now requests of the flood were answered.
  let badAt = now;
  // Well for a second: then it is over.
  for (
    ;
    told.fault === undefined && now - badAt < 1_000 && now - startedAt < RECOVERY_MS_MAX;
    now = performance.now()
  ) {
    const before = told.acceptedMs.length;
    await told.send(connection, requests.next());
    const tookMs = told.acceptedMs.at(-1) ?? 0;
    if (told.acceptedMs.length === before || tookMs > PROBE_GOOD_MS) badAt = performance.now();
    await sleep(PROBE_MS);
  }
  connection.close();
  return badAt - startedAt;
}

/**
 * Opens connections a few at a time, and waits until the server has taken them: Node takes one with each turn of the
 * event loop.
 */
async function openCrowd(url: string): Promise<Connection[]> {
  const crowd: Connection[] = [];
  const open = async () => {
    const connection = await Connection.open(url);
    await connection.request(requestOf('GET', '/health/live', ''));
    crowd.push(connection);
  };
  while (crowd.length < CROWD_MAX) await Promise.all(Array.from({ length: 100 }, open));
  return crowd;
}

async function makeProfiles(url: string): Promise<string[]> {
  await callWell(url, 'POST', DOMAIN, { DefaultExpirationDays: 366 });
  await callWell(url, 'PUT', `${DOMAIN}/object-types/tickets`, {
    Description: 'tickets',
    AllowProfileCreation: true,
    Fields: { id: { Source: '_source.id' } },
    Keys: { ticket: [{ StandardIdentifiers: ['UNIQUE', 'PROFILE'], FieldNames: ['id'] }] },
  });
  const make = () => callWell(url, 'POST', `${DOMAIN}/profiles`, {});
  const made = await Promise.all(Array.from({ length: PROFILES }, make));
  return made.map(({ ProfileId }) => String(ProfileId));
}

/**
 * Sends ten times as many requests as are answered to busy clients: those that are taken must be answered in
 * time, and stored; the others be refused at once; memory must stay bounded, and when the flood is over, all
 * must be well soon.
 */
export async function tortureOverload(run: Run, plan: OverloadPlan): Promise<Figures> {
  const database = await run.makeDatabase();
  const server = new KeyfoldProcess({ args: ['--port', '0', '--database', database] });
  const stored = new Set<string>();
  let [accepted, refused]: [number[], number[]] = [[], []];
  const [capacities, factors, recoveries]: [number[], number[], number[]] = [[], [], []];
  /** How many were answered, as parts of how many are when there are no others. */
  const shares: number[] = [];
  let memoryMib = 0;

  const cycle = async (seed: number, url: string, profileIds: readonly string[]) => {
    const requests = new Requests(seed, kindsOf[plan.kinds], profileIds);
    const [before, during, after] = [new Told(), new Told(), new Told()];
    const capacity = await findCapacity(url, requests, before, plan.capacityMs);
    const crowd = await openCrowd(url);
    const sampling = setInterval(() => {
      memoryMib = Math.max(memoryMib, memoryMibOf(server.child.pid, 'VmRSS'));
    }, MEMORY_SAMPLE_MS);
    const startedAt = performance.now();
    const sentUntil = await flood(crowd, requests, during, capacity * 10, plan.floodMs);
    const seconds = (sentUntil - startedAt) / 1000;
    const recoveryMs = await findRecovery(url, requests, after, sentUntil);
    clearInterval(sampling);
    for (const connection of crowd) connection.close();
    const fault = [before, during, after].find((told) => told.fault !== undefined)?.fault;
    if (fault !== undefined) throw violation(seed, fault);
    capacities.push(capacity);
    factors.push(during.sent / seconds / capacity);
    shares.push(during.acceptedMs.length / seconds / capacity);
    recoveries.push(recoveryMs);
    accepted = accepted.concat(during.acceptedMs);
    refused = refused.concat(during.refusedMs);
    for (const told of [before, during, after]) for (const key of told.stored) stored.add(key);
    const { found, faults } = await readStored(database);
    const lost = [...stored].filter((key) => !found.has(key)).map((key) => `${key} is lost`);
    if (lost.length + faults.length > 0) throw violation(seed, [...lost, ...faults].join('\n'));
  };
  try {
    const url = await server.url();
    const profileIds = await makeProfiles(url);
    await eachCycle(run, (seed) => cycle(seed, url, profileIds));
  } finally {
    await server.stop('SIGKILL');
  }
  return {
    floods: capacities.length,
    capacityPerSecond: Math.min(...capacities),
    timesCapacity: Math.min(...factors),
    shareAccepted: Math.min(...shares),
    accepted: accepted.length,
    refused: refused.length,
    acceptedP50Ms: quantileOf(accepted, 0.5),
    acceptedP99Ms: quantileOf(accepted, 0.99),
    refusedP50Ms: quantileOf(refused, 0.5),
    refusedP99Ms: quantileOf(refused, 0.99),
    memoryMaxMib: memoryMib,
    recoveryMaxMs: Math.max(...recoveries),
    storedChecked: stored.size,
  };
}
