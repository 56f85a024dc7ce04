import { AddProfileKeyCommand, CustomerProfilesClient } from '@aws-sdk/client-customer-profiles';
import { normalKeyValue } from '../../src/identity/normal-forms.ts';
import { KeyfoldProcess } from '../support/keyfold-process.ts';
import { numbers } from '../support/numbers.ts';
import { callWell } from './api.ts';
import { Balancer } from './balancer.ts';
import { readStored } from './consistency.ts';
import { quantileOf } from './quantiles.ts';
import { eachCycle, type Figures, type Run, violation } from './scenario.ts';

const CLIENTS = 32;
const DomainName = 'torture';
const KeyName = 'card';
/** How many answers each client gets before the signal, on average, and at least after the exit. */
const ANSWERS_BEFORE = 4;
const ANSWERS_AFTER = 2;
/** Every other client thinks for up to so long between two calls: its connection may be closed meanwhile. */
const THINK_MS_MAX = 20;

/** What the clients of a cycle were told. */
interface Answered {
  readonly values: string[];
  retries: number;
}

/** Calls until `isOver`, each on the connection that the one before has left open. */
async function callUntil(
  client: CustomerProfilesClient,
  ProfileId: string,
  name: string,
  answered: Answered,
  isOver: () => boolean,
  think: () => Promise<void>,
): Promise<void> {
  for (let count = 0, after = 0; after < ANSWERS_AFTER; count++) {
    // What begins after the exit is answered by the other process.
    const isAfter = isOver();
    const value = `${name}-${count}`;
    const Values = [value];
    const add = new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values });
    const { $metadata } = await client.send(add);
    answered.values.push(value);
    answered.retries += ($metadata.attempts ?? 1) - 1;
    if (isAfter) after += 1;
    await think();
  }
}

/** How a client passes the time between its calls. */
function thinker(seed: number, client: number): () => Promise<void> {
  const random = numbers(seed * CLIENTS + client);
  if (client % 2 === 0) return async () => {};
  return () => new Promise((resolve) => setTimeout(resolve, random(THINK_MS_MAX)));
}

function serve(database: string): KeyfoldProcess {
  return new KeyfoldProcess({ args: ['--port', '0', '--database', database] });
}

/**
 * Replaces a process by another, as a rolling update does: 32 busy clients of the official SDK, with its
 * own retries and connections that stay open, reach two processes through a balancer; the first gets
 * SIGTERM. It must end by itself, no call may fail, and every answered write must be there.
 */
export async function tortureStop(run: Run): Promise<Figures> {
  const database = await run.makeDatabase();
  const figures = { stops: 0, answeredWrites: 0, retries: 0 };
  const stopsMs: number[] = [];
  const stored = new Set<string>();
  const balancer = await Balancer.start();
  const clients = Array.from(
    { length: CLIENTS },
    () =>
      new CustomerProfilesClient({
        endpoint: balancer.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      }),
  );
  let old = serve(database);
  let next: KeyfoldProcess | undefined;

  const cycle = async (seed: number, profileId: string) => {
    next = serve(database);
    balancer.urls = [await old.url(), await next.url()];
    const answered: Answered = { values: [], retries: 0 };
    let isOver = false;
    const calls = Promise.all(
      clients.map((client, number) =>
        callUntil(
          client,
          profileId,
          `${seed}-${number}`,
          answered,
          () => isOver,
          thinker(seed, number),
        ),
      ),
    );
    const failed = calls.catch((error: Error) => {
      throw violation(seed, `a call failed: ${error.name} ${error.message}`);
    });
    const stop = async () => {
      while (answered.values.length < CLIENTS * ANSWERS_BEFORE)
        await new Promise((resolve) => setTimeout(resolve, 1));
      const signalledAt = performance.now();
      const code = await old.stop('SIGTERM');
      if (code !== 0) throw violation(seed, `ended with ${code}: ${old.stderr}`);
      stopsMs.push(performance.now() - signalledAt);
      isOver = true;
    };
    await Promise.race([failed, stop().then(() => failed)]);
    figures.stops += 1;
    figures.answeredWrites += answered.values.length;
    figures.retries += answered.retries;
    for (const value of answered.values) stored.add(`${KeyName} ${normalKeyValue(KeyName, value)}`);
    const { found, faults } = await readStored(database);
    const lost = [...stored].filter((key) => !found.get(key)?.has(profileId));
    if (lost.length + faults.length > 0)
      throw violation(seed, [...lost.map((key) => `${key} is lost`), ...faults].join('\n'));
    old = next;
  };
  try {
    const url = await old.url();
    await callWell(url, 'POST', `/domains/${DomainName}`, { DefaultExpirationDays: 366 });
    const made = await callWell(url, 'POST', `/domains/${DomainName}/profiles`, {});
    await eachCycle(run, (seed) => cycle(seed, String(made.ProfileId)));
  } finally {
    for (const client of clients) client.destroy();
    balancer.close();
    await Promise.all([old.stop('SIGKILL'), next?.stop('SIGKILL')]);
  }
  return {
    ...figures,
    stopP50Ms: quantileOf(stopsMs, 0.5),
    stopMaxMs: quantileOf(stopsMs, 1),
  };
}
