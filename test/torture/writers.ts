import { normalKeyValue } from '../../src/identity/normal-forms.ts';
import { numbers } from '../support/numbers.ts';
import { call, callWell, type Reply } from './api.ts';

export const WRITERS = 16;
const DOMAIN = '/domains/torture';
const KEYS_PER_WRITE = 3;
const HOUSEHOLD = 'household';

/** Whom a value of a key finds: a profile, nobody, or a new profile whose id the writer was not told. */
type Owner = string | undefined;
const NEW = 'a new profile';

/** What a write does to one value of a key. */
interface Change {
  readonly keyName: string;
  readonly value: string;
  readonly before: Owner;
  readonly after: Owner;
}

/** A request that changes several values of keys, all of them or none. */
interface Write {
  readonly method: string;
  readonly path: string;
  readonly body: object;
  readonly changes: readonly Change[];
  /** What the writer remembers when it is answered. @param profileId of the new profile, if any. */
  readonly remember?: (profileId: string) => void;
}

/** A value as the database has it, with its key. */
function keyOf({ keyName, value }: { readonly keyName: string; readonly value: string }): string {
  return `${keyName} ${normalKeyValue(keyName, value)}`;
}

function changesOf(values: Readonly<Record<string, string>>, before: Owner, after: Owner) {
  return Object.entries(values).map(([keyName, value]) => ({ keyName, value, before, after }));
}

/** The profiles that a value of a key finds. */
async function ownersOf(url: string, keyName: string, value: string): Promise<string[]> {
  const body = { KeyName: keyName, Values: [value] };
  const { Items } = await callWell(url, 'POST', `${DOMAIN}/profiles/search`, body);
  return (Items as { ProfileId: string }[]).map(({ ProfileId }) => ProfileId);
}

/** Makes what writers write to. */
export async function prepareDomain(url: string): Promise<void> {
  await callWell(url, 'POST', DOMAIN, { DefaultExpirationDays: 366 });
  await callWell(url, 'PUT', `${DOMAIN}/object-types/tickets`, {
    Description: 'tickets',
    AllowProfileCreation: true,
    Fields: { id: { Source: '_source.id' }, household: { Source: '_source.household' } },
    Keys: {
      ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
      [HOUSEHOLD]: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['household'] }],
    },
  });
}

/** A profile that the writer may still delete or merge, with the values that find it. */
interface Customer {
  readonly profileId: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * One client, which writes to profiles of its own, one request after another, and knows what must be
 * found afterwards. Its writes are of every kind that changes several rows: keys are added and deleted,
 * profiles made, changed, deleted and merged, objects put.
 */
export class Writer {
  /**
   * Whom each value of a key finds, by all answered writes: by `name value`,
   * the value in its normal form.
   */
  readonly owners = new Map<string, Owner>();
  /** The write that was sent and not answered. */
  unanswered: Write | undefined;
  readonly #url: string;
  readonly #name: string;
  readonly #random: (below: number) => number;
  readonly #customers: Customer[] = [];
  readonly #households: Customer[] = [];
  readonly #added: string[][] = [];
  #count = 0;
  #main = '';
  #mainFields: Readonly<Record<string, string>> = {};

  /** @param seed another one for each writer: all names come from it. */
  constructor(url: string, seed: number) {
    this.#url = url;
    this.#name = `w${seed}`;
    this.#random = numbers(seed);
  }

  /** Whether the service finds its main profile. @param url of the service as it is now. */
  async isFoundBy(url: string): Promise<boolean> {
    const owners = await ownersOf(url, '_profileId', this.#main);
    return owners.join() === this.#main;
  }

  /** Makes the profile that it writes to most. */
  async prepare(): Promise<void> {
    const made = this.#create();
    const { ProfileId } = await callWell(this.#url, made.method, made.path, made.body);
    this.#main = String(ProfileId);
    this.#mainFields = Object.fromEntries(
      made.changes.map(({ keyName, value }) => [keyName, value]),
    );
    this.#learn(made.changes, this.#main);
  }

  /**
   * Sends the next write.
   *
   * @returns whether it was answered.
   * @throws Error when the answer is another: nothing that it sends is wrong.
   */
  async write(): Promise<boolean> {
    const write = this.#next();
    this.unanswered = write;
    const reply = await call(this.#url, write.method, write.path, write.body);
    // 503 leaves open whether it was applied, as no answer does.
    if (reply === undefined || reply.status === 503) return false;
    if (reply.status !== 200)
      throw new Error(`${write.path} was answered ${reply.status} ${JSON.stringify(reply.body)}`);
    this.unanswered = undefined;
    const profileId = await this.#newProfile(write, reply);
    this.#learn(write.changes, profileId ?? NEW);
    if (profileId !== undefined) write.remember?.(profileId);
    return true;
  }

  /** The id of the profile that a write has made; empty when it makes none, undefined when nobody answers. */
  async #newProfile(write: Write, { body }: Reply): Promise<string | undefined> {
    const made = write.changes.find(({ after }) => after === NEW);
    if (made === undefined) return '';
    if (typeof body.ProfileId === 'string') return body.ProfileId;
    const owners = await ownersOf(this.#url, made.keyName, made.value).catch(() => undefined);
    return owners?.[0];
  }

  #learn(changes: readonly Change[], profileId: string): void {
    for (const change of changes)
      this.owners.set(keyOf(change), change.after === NEW ? profileId : change.after);
  }

  #next(): Write {
    this.#count += 1;
    const kinds = [
      () => this.#add(),
      () => this.#create(),
      () => this.#update(),
      () => this.#putOnMain(),
      () => this.#putOnNew(),
      () => this.#deleteKeys() ?? this.#add(),
      () => this.#deleteProfile() ?? this.#create(),
      () => this.#merge() ?? this.#putOnNew(),
    ];
    const kind = kinds[Math.floor(this.#random(kinds.length))] ?? (() => this.#add());
    return kind();
  }

  #unique(): string {
    return `${this.#name}-${this.#count}`;
  }

  #add(): Write {
    const values = Array.from(
      { length: KEYS_PER_WRITE },
      (_, index) => `${this.#unique()}-${index}`,
    );
    return {
      method: 'POST',
      path: `${DOMAIN}/profiles/keys`,
      body: { ProfileId: this.#main, KeyName: 'card', Values: values },
      changes: values.flatMap((card) => changesOf({ card }, undefined, this.#main)),
      remember: () => this.#added.push(values),
    };
  }

  #deleteKeys(): Write | undefined {
    const values = this.#added.shift();
    return (
      values && {
        method: 'POST',
        path: `${DOMAIN}/profiles/keys/delete`,
        body: { ProfileId: this.#main, KeyName: 'card', Values: values },
        changes: values.flatMap((card) => changesOf({ card }, this.#main, undefined)),
      }
    );
  }

  /** Fields with the values of keys that they give. */
  #fields() {
    const unique = this.#unique();
    const fields = { EmailAddress: `${unique}@example.com`, FirstName: 'Ada', LastName: unique };
    const values = { _email: fields.EmailAddress, _fullName: `Ada ${unique}` };
    return { fields, values };
  }

  #create(): Write {
    const { fields, values } = this.#fields();
    return {
      method: 'POST',
      path: `${DOMAIN}/profiles`,
      body: fields,
      changes: changesOf(values, undefined, NEW),
      remember: (profileId) => this.#customers.push({ profileId, values }),
    };
  }

  #update(): Write {
    const { fields, values } = this.#fields();
    return {
      method: 'PUT',
      path: `${DOMAIN}/profiles`,
      body: { ProfileId: this.#main, ...fields },
      changes: [
        ...changesOf(this.#mainFields, this.#main, undefined),
        ...changesOf(values, undefined, this.#main),
      ],
      remember: () => {
        this.#mainFields = values;
      },
    };
  }

  #put(household: string) {
    const id = this.#unique();
    const body = { ObjectTypeName: 'tickets', Object: JSON.stringify({ id, household }) };
    return { method: 'PUT', path: `${DOMAIN}/profiles/objects`, body, ticket: id };
  }

  /** The first object makes its profile's household; later ones find the profile by it. */
  #putOnNew(): Write {
    const household = this.#unique();
    const { ticket, ...request } = this.#put(household);
    const values = { ticket, [HOUSEHOLD]: household };
    return {
      ...request,
      changes: changesOf(values, undefined, NEW),
      remember: (profileId) => this.#households.push({ profileId, values }),
    };
  }

  #putOnMain(): Write {
    const known = this.#households[0];
    const household = known?.values[HOUSEHOLD];
    if (known === undefined || household === undefined) return this.#putOnNew();
    const { ticket, ...request } = this.#put(household);
    return { ...request, changes: changesOf({ ticket }, undefined, known.profileId) };
  }

  #deleteProfile(): Write | undefined {
    const customer = this.#customers.shift();
    return (
      customer && {
        method: 'POST',
        path: `${DOMAIN}/profiles/delete`,
        body: { ProfileId: customer.profileId },
        changes: changesOf(customer.values, customer.profileId, undefined),
      }
    );
  }

  /** Merges the newest household into the oldest: its object moves there with its keys. */
  #merge(): Write | undefined {
    const [main] = this.#households;
    if (main === undefined || this.#households.length < 2) return undefined;
    const merged = this.#households.pop();
    return (
      merged && {
        method: 'POST',
        path: `${DOMAIN}/profiles/objects/merge`,
        body: { MainProfileId: main.profileId, ProfileIdsToBeMerged: [merged.profileId] },
        changes: changesOf(merged.values, merged.profileId, main.profileId),
      }
    );
  }
}

/** The profiles that each value of a key finds, as a database holds them: by `name value`. */
export type Found = ReadonlyMap<string, ReadonlySet<string>>;

/** Whether what a value finds is what it must find. */
function isFound(found: Found, key: string, expected: Owner): boolean {
  const [owner, ...others] = found.get(key) ?? [];
  if (expected === undefined) return owner === undefined;
  return owner !== undefined && others.length === 0 && (expected === NEW || owner === expected);
}

/** Looks for what answered writes must have left. Gives what is wrong. */
export function findLost(found: Found, owners: ReadonlyMap<string, Owner>): string[] {
  return [...owners].flatMap(([key, expected]) => {
    if (isFound(found, key, expected)) return [];
    const profiles = [...(found.get(key) ?? [])].join(' and ') || 'nobody';
    return [`${key} finds ${profiles}, and not ${expected ?? 'nobody'}`];
  });
}

/** Whether a write that was not answered is there as a whole or not at all. */
function isWhole(found: Found, { changes }: Write): boolean {
  const isAt = (moment: 'before' | 'after') =>
    changes.every((change) => isFound(found, keyOf(change), change[moment]));
  const made = changes
    .filter(({ after }) => after === NEW)
    .flatMap((change) => [...(found.get(keyOf(change)) ?? [])]);
  return isAt('before') || (isAt('after') && new Set(made).size <= 1);
}

/**
 * Settles what a writer had sent and got no answer to: it must be there as a whole or not at all, and
 * which of them doesn't matter from now on.
 *
 * @returns what is wrong with it, if anything.
 */
export function settle(found: Found, { unanswered, owners }: Writer): string | undefined {
  if (unanswered === undefined) return undefined;
  for (const change of unanswered.changes) owners.delete(keyOf(change));
  if (isWhole(found, unanswered)) return undefined;
  return `${unanswered.path} ${JSON.stringify(unanswered.body)} is stored in part`;
}
