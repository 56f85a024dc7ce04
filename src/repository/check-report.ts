import { meteringExtra } from '../identity/metering.ts';

/** What a look at a whole database has found. */
export interface CheckReport {
  /** How many migrations the database has; nothing when it is too damaged to tell. */
  readonly schemaVersion?: number;
  /** How many this program has. */
  readonly knownVersion: number;
  /** What was looked at. */
  readonly checked: readonly string[];
  /** What is wrong, each on one line; nothing of what the database holds about people. */
  readonly problems: readonly string[];
}

/** A database that can't be looked at. `message` is one line for the operator. */
export class NotCheckedError extends Error {
  override readonly name = 'NotCheckedError';
}

/** Runs one SELECT of SQL that both engines take, in the transaction of the check. */
export type Select = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** `1 row`, `2 rows`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Domains that are not deleted: of others the sweeper is still removing rows. */
const LIVE = 'select domain_id from domains where name is not null';

/** Keys that no foreign key looks after: an object's, which name it by its type and its key. */
async function orphanedKeys(select: Select): Promise<string[]> {
  const [row] = await select(
    `select count(*) as keys from profile_keys k
     where origin = 'OBJECT' and domain_id in (${LIVE}) and not exists (
       select 1 from profile_objects o where o.domain_id = k.domain_id and o.profile_id = k.profile_id
       and o.object_type_name || '#' || o.object_key = k.origin_ref)`,
  );
  const keys = Number(row?.keys);
  return keys === 0 ? [] : [`${counted(keys, 'key')} of objects that are not there`];
}

interface Counts {
  profiles: number;
  objects: number;
  bytes: number;
  metering: number;
}

const COUNTED: readonly (readonly [keyof Counts, string])[] = [
  ['profiles', 'profiles'],
  ['objects', 'objects'],
  ['bytes', 'bytes of objects'],
  ['metering', 'further counts of profiles with many objects'],
];

/** What is counted as it comes and goes, against the rows. */
async function wrongCounts(select: Select): Promise<string[]> {
  const stored = new Map<string, Counts>();
  const found = new Map<string, Counts>();
  const of = (counts: Map<string, Counts>, domainId: unknown): Counts => {
    const none = { profiles: 0, objects: 0, bytes: 0, metering: 0 };
    const sum = counts.get(String(domainId)) ?? none;
    counts.set(String(domainId), sum);
    return sum;
  };
  for (const row of await select(
    `select domain_id, sum(profile_count) as profiles, sum(object_count) as objects,
       sum(object_bytes) as bytes, sum(metering_extra) as metering
     from domain_counts group by domain_id`,
  ))
    for (const [name] of COUNTED) of(stored, row.domain_id)[name] = Number(row[name]);
  for (const row of await select(
    'select domain_id, count(*) as profiles from profiles group by domain_id',
  ))
    of(found, row.domain_id).profiles = Number(row.profiles);
  // Profiles that have the same number of objects are metered alike, and few numbers are had.
  for (const row of await select(
    `select domain_id, objects, count(*) as profiles, sum(bytes) as bytes from (
       select domain_id, count(*) as objects, sum(document_bytes) as bytes
       from profile_objects group by domain_id, profile_id) as of_profile
     group by domain_id, objects`,
  )) {
    const [objects, profiles] = [Number(row.objects), Number(row.profiles)];
    const sum = of(found, row.domain_id);
    sum.objects += objects * profiles;
    sum.bytes += Number(row.bytes);
    sum.metering += meteringExtra(objects) * profiles;
  }
  return (await select(`${LIVE} order by domain_id`)).flatMap(({ domain_id: domainId }) => {
    const [own, rows] = [of(stored, domainId), of(found, domainId)];
    return COUNTED.filter(([name]) => own[name] !== rows[name]).map(
      ([name, what]) => `domain ${domainId} counts ${own[name]} ${what}, and has ${rows[name]}`,
    );
  });
}

/** Looks at what the constraints of a database don't say, on this program's schema. */
export async function checkRows(select: Select): Promise<{
  readonly checked: readonly string[];
  readonly problems: readonly string[];
}> {
  return {
    checked: ['keys of objects', 'counts'],
    problems: [...(await orphanedKeys(select)), ...(await wrongCounts(select))],
  };
}
