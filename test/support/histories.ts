import type { Call } from './linearizability.ts';
import { numbers } from './numbers.ts';

export const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7'] as const;
const CLIENTS = 16;
const PROFILES = 3;
const DomainName = 'histories';

async function post(url: string, path: string, body: object): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/**
 * Sixteen clients that add, delete and search eight keys of three profiles through all of the given
 * servers, and what each call saw. A call without an answer of its own is recorded as unanswered.
 * Each seed has profiles and values of its own, so that one database serves many recordings.
 */
export async function recordHistories(
  urls: readonly string[],
  callsPerClient: number,
  seed: number,
): Promise<Map<string, Call[]>> {
  const [first = ''] = urls;
  await post(first, `/domains/${DomainName}`, { DefaultExpirationDays: 366 });
  const profileIds: string[] = [];
  for (let index = 0; index < PROFILES; index++) {
    const created = await post(first, `/domains/${DomainName}/profiles`, {});
    profileIds.push(((await created.json()) as { ProfileId: string }).ProfileId);
  }
  const histories = new Map<string, Call[]>(KEYS.map((key) => [key, []]));

  const call = async (url: string, key: string, kind: number, profileId: string) => {
    const path = ['profiles/keys', 'profiles/keys/delete', 'profiles/search'][kind];
    const startedAt = performance.now();
    const body = {
      KeyName: key,
      Values: [String(seed)],
      ...(kind < 2 ? { ProfileId: profileId } : {}),
    };
    let endedAt = Number.POSITIVE_INFINITY;
    let found: string[] = [];
    const answer = await post(url, `/domains/${DomainName}/${path}`, body).catch(() => undefined);
    // No answer: the server went away, and nobody knows whether it took effect.
    if (answer !== undefined) {
      const content = (await answer.json()) as { Items?: { ProfileId: string }[] };
      // 503 says that it may have been applied or not; anything else is not an answer of these.
      if (answer.status === 200) endedAt = performance.now();
      else if (answer.status !== 503) throw new Error(`${path} answered ${answer.status}`);
      found = (content.Items ?? []).map(({ ProfileId }) => ProfileId);
    }
    const operation =
      kind === 2
        ? { kind: 'search' as const, found }
        : { kind: kind === 0 ? ('add' as const) : ('delete' as const), profileId };
    histories.get(key)?.push({ startedAt, endedAt, operation });
  };

  const client = async (number: number) => {
    const random = numbers(seed * CLIENTS + number);
    for (let count = 0; count < callsPerClient; count++) {
      const url = urls[Math.floor(random(urls.length))] ?? first;
      const key = KEYS[Math.floor(random(KEYS.length))] ?? KEYS[0];
      const profileId = profileIds[Math.floor(random(PROFILES))] ?? '';
      await call(url, key, Math.floor(random(3)), profileId);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return histories;
}
