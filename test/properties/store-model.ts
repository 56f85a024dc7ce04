import { type FieldName, type Fields, fieldNames, type Ticket } from './commands.ts';

interface ModelObject {
  readonly ticket: Ticket;
  /** `keyName value` of the keys that it gives its profile. */
  readonly keys: Set<string>;
  /** When it was written: later ones are larger. */
  readonly written: number;
}

interface ModelProfile {
  readonly fields: Fields;
  /** `keyName value` of the keys its fields give, and of those that were added. */
  readonly fieldKeys: Set<string>;
  readonly addedKeys: Set<string>;
  /** By the ticket's id. */
  readonly objects: Map<string, ModelObject>;
  /** The fields that an object has brought. */
  readonly brought: Set<FieldName>;
}

interface ModelDomain {
  /** In the order in which they were made. */
  readonly profiles: Map<string, ModelProfile>;
  hasType: boolean;
}

/** Where an object goes: to a profile, to one that it makes, or nowhere. */
export type Assignment = { readonly profileId: string } | 'new' | 'refused';

function keyOf(keyName: string, value: string): string {
  const isFolded = keyName === '_email' || keyName === '_fullName';
  return `${keyName} ${isFolded ? value.toLowerCase() : value}`;
}

function keysOf(fields: Fields, written: Fields = fields): string[] {
  const keys: string[] = [];
  for (const field of ['EmailAddress', 'PersonalEmailAddress'] as const)
    if (fields[field] && written[field] !== undefined) keys.push(keyOf('_email', fields[field]));
  if (fields.FirstName && written.FirstName !== undefined)
    keys.push(keyOf('_fullName', fields.FirstName));
  return keys;
}

function hasKey({ fieldKeys, addedKeys, objects }: ModelProfile, key: string): boolean {
  return (
    fieldKeys.has(key) ||
    addedKeys.has(key) ||
    [...objects.values()].some(({ keys }) => keys.has(key))
  );
}

/** An update by the rules of UpdateProfile: an absent field stays, an empty text removes. */
function write(profile: ModelProfile, changes: Fields): void {
  for (const field of fieldNames)
    if (changes[field] !== undefined) profile.fields[field] = changes[field] || undefined;
  const given = new Set(keysOf(profile.fields));
  for (const key of profile.fieldKeys) if (!given.has(key)) profile.fieldKeys.delete(key);
  for (const key of keysOf(profile.fields, changes)) profile.fieldKeys.add(key);
}

/**
 * The plain model of what a history has left: maps and sets, no index, no normal forms but upper and
 * lower case.
 */
export class StoreModel {
  readonly domains = new Map<string, ModelDomain>();
  #writes = 0;

  createDomain(name: string): boolean {
    if (this.domains.has(name)) return false;
    this.domains.set(name, { profiles: new Map(), hasType: false });
    return true;
  }

  profile(domain: string, id: string): ModelProfile | undefined {
    return this.domains.get(domain)?.profiles.get(id);
  }

  createProfile(
    domain: string,
    id: string,
    fields: Fields,
    brought: readonly FieldName[] = [],
  ): void {
    this.domains.get(domain)?.profiles.set(id, {
      fields: { ...fields },
      fieldKeys: new Set(keysOf(fields)),
      addedKeys: new Set(),
      objects: new Map(),
      brought: new Set(brought),
    });
  }

  update(profile: ModelProfile, changes: Fields): void {
    write(profile, changes);
    for (const field of fieldNames) if (changes[field] !== undefined) profile.brought.delete(field);
  }

  addKeys({ addedKeys }: ModelProfile, keyName: string, values: readonly string[]): void {
    for (const value of values) addedKeys.add(keyOf(keyName, value));
  }

  deleteKeys(profile: ModelProfile, keyName: string, values: readonly string[]): void {
    const { addedKeys, fieldKeys, objects } = profile;
    for (const value of values)
      for (const keys of [addedKeys, fieldKeys, ...[...objects.values()].map((one) => one.keys)])
        keys.delete(keyOf(keyName, value));
  }

  /** The card decides, then the id of an object that is there; one that several have decides nothing. */
  assign(domain: string, { id, card }: Ticket): Assignment {
    const profiles = [...(this.domains.get(domain)?.profiles ?? [])];
    if (card !== undefined) {
      const holders = profiles.filter(([, profile]) => hasKey(profile, keyOf('card', card)));
      if (holders.length > 1) return 'refused';
      if (holders[0] !== undefined) return { profileId: holders[0][0] };
    }
    const [owner, another] = profiles.filter(([, { objects }]) => objects.has(id));
    return owner === undefined || another !== undefined ? 'new' : { profileId: owner[0] };
  }

  /** Stores an object on a profile, which it has made if that isn't there. */
  put(domain: string, profileId: string, ticket: Ticket): void {
    const { id, card, name } = ticket;
    if (this.profile(domain, profileId) === undefined)
      this.createProfile(domain, profileId, { FirstName: name }, name ? ['FirstName'] : []);
    else if (name !== undefined) {
      const profile = this.profile(domain, profileId);
      if (profile) write(profile, { FirstName: name });
      profile?.brought.add('FirstName');
    }
    const keys = new Set([
      keyOf('ticket', id),
      ...(card === undefined ? [] : [keyOf('card', card)]),
    ]);
    const object = { ticket, keys, written: ++this.#writes };
    this.profile(domain, profileId)?.objects.set(id, object);
  }

  /** What objects have brought goes with their type. */
  deleteType(domain: ModelDomain): void {
    domain.hasType = false;
    for (const profile of domain.profiles.values()) {
      profile.objects.clear();
      write(profile, Object.fromEntries([...profile.brought].map((field) => [field, ''])));
      profile.brought.clear();
    }
  }

  /** Moves everything of the others to the main profile, which wins where both have something. */
  merge({ profiles }: ModelDomain, mainId: string, otherIds: readonly string[]): void {
    const main = profiles.get(mainId);
    for (const otherId of otherIds) {
      const other = profiles.get(otherId);
      if (main === undefined || other === undefined) continue;
      const missing = fieldNames.filter((field) => !main.fields[field] && other.fields[field]);
      write(main, Object.fromEntries(missing.map((field) => [field, other.fields[field]])));
      for (const field of missing) if (other.brought.has(field)) main.brought.add(field);
      for (const key of other.addedKeys) main.addedKeys.add(key);
      for (const key of other.fieldKeys) if (!main.fieldKeys.has(key)) main.addedKeys.add(key);
      for (const [id, object] of other.objects) {
        const own = main.objects.get(id);
        const [newer, older] = own && own.written > object.written ? [own, object] : [object, own];
        main.objects.set(id, { ...newer, keys: new Set([...newer.keys, ...(older?.keys ?? [])]) });
      }
      profiles.delete(otherId);
    }
  }

  search(domain: string, keyName: string, value: string): string[] {
    const key = keyOf(keyName, value);
    return [...(this.domains.get(domain)?.profiles ?? [])]
      .filter(([, profile]) => hasKey(profile, key))
      .map(([id]) => id);
  }
}
