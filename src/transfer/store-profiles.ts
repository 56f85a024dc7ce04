import { type FieldKey, fieldKeyChanges, fieldKeys, nameOfKey } from '../identity/field-keys.ts';
import { normalKeyValue } from '../identity/normal-forms.ts';
import { writtenPaths } from '../identity/object-fields.ts';
import { applyFields, type ProfileDocument } from '../identity/profile-document.ts';
import { ServiceError } from '../model/errors.ts';
import { SERVICE_PRINCIPAL, type UnitContext } from '../model/operation.ts';
import { recordAction, recordOf } from '../operations/history/record.ts';
import { type NormalForm, normalFormOf } from '../operations/profile-keys/compare.ts';
import { encodeDocument, expiryOf } from '../operations/profiles/document.ts';
import { countNewProfiles } from '../repository/domain-counts.ts';
import type { DomainRow } from '../repository/domains.ts';
import { removeFieldSources } from '../repository/field-sources.ts';
import { type HistoryRow, insertHistories } from '../repository/history.ts';
import { inParts } from '../repository/lists.ts';
import { addKeys, type KeyRow } from '../repository/merging.ts';
import { idsOfOthers, nameOtherProfiles, removeFieldKeys } from '../repository/profile-keys.ts';
import {
  findStoredProfiles,
  insertProfiles,
  lockProfiles,
  type ProfileRow,
  removeProfile,
  updateProfile,
} from '../repository/profiles.ts';
import type { WriteSession } from '../repository/session.ts';
import { type ImportedProfile, type KeyWithValues, RowRefusedError } from './imported-profile.ts';

/** What became of a row. */
export type Outcome =
  | { readonly kind: 'created' | 'updated' }
  | { readonly kind: 'rejected'; readonly reason: string };

/** How many profiles are held and looked for by one statement. */
const IDS_PER_STATEMENT = 256;

/** A unit of work that stores rows of a file. */
interface Unit {
  readonly session: WriteSession;
  readonly context: UnitContext;
  readonly domain: DomainRow;
}

/** A row with what is to be stored of it, found to be in order. */
interface Plan {
  readonly row: ImportedProfile;
  readonly profileId: string;
  /** The profile as it is stored, where it is there already. */
  readonly before: ProfileRow | undefined;
  readonly document: ProfileDocument;
  readonly text: string;
  readonly addedFieldKeys: readonly FieldKey[];
  readonly removedFieldKeys: readonly FieldKey[];
  /** Keys of AddProfileKey, each of its calls by itself, with the rows that it makes. */
  readonly calls: readonly { readonly key: KeyWithValues; readonly rows: readonly KeyRow[] }[];
}

/** The profiles that rows name and the domain has, held until the unit ends; expired ones are removed. */
async function holdNamed(
  { session, context, domain: { domainId } }: Unit,
  rows: readonly ImportedProfile[],
): Promise<Map<string, ProfileRow>> {
  const named = new Set(rows.flatMap(({ profileId }) => profileId ?? []));
  const stored = new Map<string, ProfileRow>();
  // In the order of their ids, as everybody does who holds several.
  for (const part of inParts([...named].sort(), IDS_PER_STATEMENT)) {
    await lockProfiles(session, domainId, part);
    for (const row of await findStoredProfiles(session, domainId, part))
      stored.set(row.profileId, row);
  }
  for (const row of stored.values()) {
    if (row.expiresAt > context.now) continue;
    // As good as gone: what the sweeper has not got round to yet.
    stored.delete(row.profileId);
    await removeProfile(session, domainId, row.profileId);
    const by = { ...context, caller: { arn: SERVICE_PRINCIPAL } };
    recordAction(session, by, row, 'EXPIRED', null);
  }
  return stored;
}

function namesOf(
  keys: readonly KeyWithValues[],
  normal: (keyName: string, value: string) => string,
): FieldKey[] {
  return keys.flatMap(({ KeyName, Values }) =>
    Values.map((value) => ({ keyName: KeyName, keyValue: normal(KeyName, value) })),
  );
}

/** The rows that AddProfileKey makes of a key: its values in normal form, each once. */
function rowsOfKey(
  profileId: string,
  { KeyName: keyName, Values }: KeyWithValues,
  normalForm: NormalForm,
): KeyRow[] {
  const rows = new Map<string, KeyRow>();
  for (const given of Values) {
    const keyValue = normalForm(keyName, given);
    if (rows.has(keyValue)) continue;
    const givenValue = given === keyValue ? null : given;
    rows.set(keyValue, { profileId, keyName, keyValue, origin: 'API', originRef: '', givenValue });
  }
  return [...rows.values()];
}

/** Of the keys that a search has found a profile by, those that its fields don't give. */
function foundByOthers(
  { foundBy }: ImportedProfile,
  given: readonly FieldKey[],
  normalForm: NormalForm,
): KeyWithValues[] {
  const names = new Set(given.map(nameOfKey));
  return foundBy.filter(
    (key) => !namesOf([key], normalForm).some((name) => names.has(nameOfKey(name))),
  );
}

/**
 * What is to be stored of a row.
 *
 * @throws RowRefusedError, ServiceError BadRequestException when the row can't be taken.
 */
function planOf(
  { context }: Unit,
  row: ImportedProfile,
  before: ProfileRow | undefined,
  normalForm: NormalForm,
): Plan {
  const { now, quotas, ids } = context;
  if (row.expiresAt !== undefined && row.expiresAt <= now)
    throw new RowRefusedError('The profile has expired.');
  const profileId = row.profileId ?? ids.profileId(now);
  const had = before === undefined ? {} : (JSON.parse(before.document) as ProfileDocument);
  const document = applyFields(had, row.fields);
  const text = encodeDocument(document, quotas.profileBytes);
  const gone = namesOf(row.removedKeys, normalKeyValue);
  const isGone = new Set(gone.map(nameOfKey));
  const changes =
    before === undefined
      ? { added: fieldKeys(profileId, document), removed: [] }
      : fieldKeyChanges(had, document, row.fields);
  const isOwnId = ({ keyName }: FieldKey) => keyName === '_profileId';
  const added = changes.added.filter((key) => isOwnId(key) || !isGone.has(nameOfKey(key)));
  const keys = [...row.keys, ...foundByOthers(row, fieldKeys(profileId, document), normalForm)];
  return {
    row,
    profileId,
    before,
    document,
    text,
    addedFieldKeys: added,
    removedFieldKeys:
      before === undefined ? [] : [...changes.removed, ...gone.filter((key) => !isOwnId(key))],
    calls: keys.map((key) => ({ key, rows: rowsOfKey(profileId, key, normalForm) })),
  };
}

/** Keeps the id of a profile from finding another one as well. */
class ProfileIds {
  readonly #unit: Unit;
  readonly #others: ReadonlySet<string>;
  /** The ids of the profiles of this unit, and the values of `_profileId` that are none of these. */
  readonly #own = new Set<string>();
  readonly #values = new Map<string, string>();

  private constructor(unit: Unit, others: ReadonlySet<string>) {
    this.#unit = unit;
    this.#others = others;
  }

  static async of(unit: Unit, rows: readonly ImportedProfile[]): Promise<ProfileIds> {
    const named = rows.flatMap(({ profileId }) => profileId ?? []);
    const { session, domain } = unit;
    return new ProfileIds(unit, await idsOfOthers(session, domain.domainId, named));
  }

  /** @throws RowRefusedError when the profile's id is a key of another one, or a key the id of another one. */
  async check({ profileId, before, calls }: Plan): Promise<void> {
    const holder = this.#values.get(profileId);
    const isTaken = holder === undefined ? this.#others.has(profileId) : holder !== profileId;
    if (before === undefined && isTaken)
      throw new RowRefusedError('ProfileId is a value of _profileId of another profile.');
    const values = calls
      .filter(({ key }) => key.KeyName === '_profileId')
      .flatMap(({ key }) => key.Values)
      .filter((value) => value !== profileId);
    if (values.some((value) => this.#own.has(value)) || (await this.#nameOthers(profileId, values)))
      throw new RowRefusedError('A value of _profileId is the id of another profile.');
    this.#own.add(profileId);
    for (const value of values) this.#values.set(value, profileId);
  }

  async #nameOthers(profileId: string, values: readonly string[]): Promise<boolean> {
    const { session, context, domain } = this.#unit;
    const name = { accountId: domain.accountId, domainName: domain.name, now: context.now };
    for (const part of inParts(values, IDS_PER_STATEMENT - 1))
      if (await nameOtherProfiles(session, { ...name, profileId }, part)) return true;
    return false;
  }
}

function keyRowsOf({ profileId, addedFieldKeys }: Plan): KeyRow[] {
  return addedFieldKeys.map((key) => ({
    profileId,
    ...key,
    origin: 'FIELD',
    originRef: '',
    givenValue: null,
  }));
}

async function insertNew(
  { session, context, domain }: Unit,
  plans: readonly Plan[],
): Promise<void> {
  const { domainId, defaultExpirationDays } = domain;
  const rows = plans.map(({ profileId, text, row }) => ({
    profileId,
    document: text,
    version: 1,
    createdAt: row.createdAt ?? context.now,
    updatedAt: row.updatedAt ?? context.now,
    expiresAt: row.expiresAt ?? expiryOf(context.now, defaultExpirationDays),
  }));
  await insertProfiles(session, domainId, rows);
}

/** As UpdateProfile does. */
async function update({ session, context, domain }: Unit, plan: Plan): Promise<void> {
  const { row, before, profileId, text, removedFieldKeys } = plan;
  if (before === undefined) return;
  const { now } = context;
  await updateProfile(session, before, {
    document: text,
    updatedAt: row.updatedAt ?? now,
    expiresAt: row.expiresAt ?? expiryOf(now, domain.defaultExpirationDays),
  });
  await removeFieldKeys(session, domain.domainId, profileId, removedFieldKeys);
  await removeFieldSources(session, before, writtenPaths(row.fields));
}

/** Adds the keys of all plans; gives the names of those that have got a value which they didn't have. */
async function addAllKeys(
  { session, domain: { domainId } }: Unit,
  plans: readonly Plan[],
): Promise<Set<string>> {
  await addKeys(session, domainId, plans.flatMap(keyRowsOf));
  const rows = plans.flatMap(({ calls }) => calls.flatMap((call) => call.rows));
  const added = await addKeys(session, domainId, rows);
  return new Set(added.map(({ profileId, keyName }) => `${profileId} ${keyName}`));
}

/** What the operations would have written down that do the same. */
function historyOf(
  context: UnitContext,
  { profileId, before, document, calls }: Plan,
  changedKeys: ReadonlySet<string>,
): Omit<HistoryRow, 'domainId'>[] {
  const action = before === undefined ? 'CREATED' : 'UPDATED';
  const content = { ProfileId: profileId, ...document };
  return [
    recordOf(context, profileId, action, content),
    ...calls
      .filter(({ key }) => changedKeys.has(`${profileId} ${key.KeyName}`))
      .map(({ key }) => recordOf(context, profileId, 'ADDED_PROFILE_KEY', key)),
  ];
}

async function storePlans(unit: Unit, plans: readonly Plan[]): Promise<void> {
  const { session, context, domain } = unit;
  const created = plans.filter(({ before }) => before === undefined);
  await insertNew(unit, created);
  for (const plan of plans) await update(unit, plan);
  const changedKeys = await addAllKeys(unit, plans);
  const records = plans.flatMap((plan) => historyOf(context, plan, changedKeys));
  insertHistories(session, domain.domainId, records);
}

/** Rows of which no two name the same profile. Gives the profiles that it has made. */
async function storeRound(
  unit: Unit,
  rows: readonly (readonly [index: number, row: ImportedProfile])[],
  outcomes: Outcome[],
): Promise<string[]> {
  const { session, domain } = unit;
  const profiles = rows.map(([, row]) => row);
  const stored = await holdNamed(unit, profiles);
  const keyNames = profiles.flatMap(({ keys, foundBy }) =>
    [...keys, ...foundBy].map(({ KeyName }) => KeyName),
  );
  const name = { accountId: domain.accountId, domainName: domain.name };
  const normalForm = await normalFormOf(session, name, keyNames);
  const ids = await ProfileIds.of(unit, profiles);
  const plans: Plan[] = [];
  for (const [index, row] of rows)
    try {
      const plan = planOf(unit, row, stored.get(row.profileId ?? ''), normalForm);
      await ids.check(plan);
      plans.push(plan);
      outcomes[index] = { kind: plan.before === undefined ? 'created' : 'updated' };
    } catch (error) {
      if (!(error instanceof RowRefusedError || error instanceof ServiceError)) throw error;
      outcomes[index] = { kind: 'rejected', reason: error.message };
    }
  await storePlans(unit, plans);
  return plans.filter(({ before }) => before === undefined).map(({ profileId }) => profileId);
}

/** Rows in as many rounds as the profile has that is named most often, in their order. */
function roundsOf(rows: readonly ImportedProfile[]): (readonly [number, ImportedProfile])[][] {
  const rounds: (readonly [number, ImportedProfile])[][] = [];
  const seen = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    const round = row.profileId === undefined ? 0 : (seen.get(row.profileId) ?? 0);
    if (row.profileId !== undefined) seen.set(row.profileId, round + 1);
    rounds[round] ??= [];
    rounds[round].push([index, row]);
  }
  return rounds;
}

/**
 * Stores rows of a file as CreateProfile, UpdateProfile and AddProfileKey would, in a unit of work: with their
 * field keys, history, counts, and the note that rules must look at them. A row whose profile is there, be it by
 * a row before it, changes that one.
 *
 * @returns what became of each row; one that can't be taken changes nothing.
 * @throws ConflictError when somebody else has changed or made one of the profiles meanwhile.
 * @throws MissingParentError when the domain is gone.
 */
export async function storeProfiles(
  session: WriteSession,
  context: UnitContext,
  domain: DomainRow,
  rows: readonly ImportedProfile[],
): Promise<Outcome[]> {
  const unit = { session, context, domain };
  const outcomes: Outcome[] = [];
  const created: string[] = [];
  for (const round of roundsOf(rows)) created.push(...(await storeRound(unit, round, outcomes)));
  countNewProfiles(session, domain.domainId, created);
  return outcomes;
}
