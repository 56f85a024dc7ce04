import { eq, sql } from 'drizzle-orm';
import { meteringExtra } from '../identity/metering.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** Spreads the writers of one domain; a power of 16, as the last digit of a profile id picks one. */
const COUNT_SHARDS = 16;

/** By how much the counts of a domain change. */
interface Change {
  readonly profiles: number;
  readonly objects: number;
  readonly bytes: number;
  readonly metering: number;
}

const add = writeStatement<{ domainId: string; shard: number } & Change>()(
  (database, { domainCounts }) =>
    database
      .insert(domainCounts)
      .values({
        domainId: placeholder('domainId'),
        shard: placeholder('shard'),
        profileCount: placeholder('profiles'),
        objectCount: placeholder('objects'),
        objectBytes: placeholder('bytes'),
        meteringExtra: placeholder('metering'),
      })
      .onConflictDoUpdate({
        target: [domainCounts.domainId, domainCounts.shard],
        set: {
          profileCount: sql`${domainCounts.profileCount} + excluded.profile_count`,
          objectCount: sql`${domainCounts.objectCount} + excluded.object_count`,
          objectBytes: sql`${domainCounts.objectBytes} + excluded.object_bytes`,
          meteringExtra: sql`${domainCounts.meteringExtra} + excluded.metering_extra`,
        },
      })
      .returning({ shard: domainCounts.shard }),
);

/** What a unit of work has counted so far. */
class UnitCounts {
  readonly #session: WriteSession;
  /** By domain, and there by part. */
  readonly #changes = new Map<string, Map<number, Change>>();

  constructor(session: WriteSession) {
    this.#session = session;
  }

  add(domainId: string, profileId: string, change: Change): void {
    const shards = this.#changes.get(domainId) ?? new Map<number, Change>();
    this.#changes.set(domainId, shards);
    const shard = Number.parseInt(profileId.slice(-1), COUNT_SHARDS);
    const sum = shards.get(shard);
    shards.set(shard, {
      profiles: (sum?.profiles ?? 0) + change.profiles,
      objects: (sum?.objects ?? 0) + change.objects,
      bytes: (sum?.bytes ?? 0) + change.bytes,
      metering: (sum?.metering ?? 0) + change.metering,
    });
  }

  /** One statement for each part. A part that stays as it is is held by nobody: all who count wait for its row. */
  store(): void {
    // In one order by everybody: units that count at the same time wait, but not in a circle.
    for (const [domainId, shards] of [...this.#changes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      for (const [shard, sum] of [...shards].toSorted(([a], [b]) => a - b))
        if (Object.values(sum).some((count) => count !== 0))
          this.#session.last(add, { domainId, shard, ...sum });
  }
}

const countsOfUnits = new WeakMap<WriteSession, UnitCounts>();

/**
 * Counts at the end of the unit: whoever holds a part of the counts then waits for nothing but later parts, and
 * others wait for little more than the commit. A count that is read within the unit is without what the unit does.
 */
function addToCounts(
  session: WriteSession,
  domainId: string,
  changes: readonly (Change & { readonly profileId: string })[],
): void {
  const unit = countsOfUnits.get(session) ?? new UnitCounts(session);
  if (!countsOfUnits.has(session)) session.atEnd(() => unit.store());
  countsOfUnits.set(session, unit);
  for (const { profileId, ...change } of changes) unit.add(domainId, profileId, change);
}

/** Counts new profiles, which have no objects yet. */
export function countNewProfiles(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
): void {
  const counts = { profiles: 1, objects: 0, bytes: 0, metering: 0 };
  addToCounts(
    session,
    domainId,
    profileIds.map((profileId) => ({ profileId, ...counts })),
  );
}

/** Counts profiles out of their domain, with the objects that they had, and the bytes of those. */
export function countRemovedProfiles(
  session: WriteSession,
  domainId: string,
  removed: readonly {
    readonly profileId: string;
    readonly objects: number;
    readonly bytes: number;
  }[],
): void {
  const changes = removed.map(({ profileId, objects, bytes }) => ({
    profileId,
    profiles: -1,
    objects: -objects,
    bytes: -bytes,
    metering: -meteringExtra(objects),
  }));
  addToCounts(session, domainId, changes);
}

/** What happens to the objects of one profile in a unit that holds it: nobody else changes them. */
export interface ObjectChange {
  readonly profileId: string;
  /** How many it had, of all types, and how many it has now: by that it is metered. */
  readonly before: number;
  readonly after: number;
  /** By how much their bytes grow; below 0 when they shrink. */
  readonly bytes: number;
}

/** Counts objects that have come, gone or changed in size. */
export function countObjects(
  session: WriteSession,
  domainId: string,
  changed: readonly ObjectChange[],
): void {
  const changes = changed.map(({ profileId, before, after, bytes }) => ({
    profileId,
    profiles: 0,
    objects: after - before,
    bytes,
    metering: meteringExtra(after) - meteringExtra(before),
  }));
  addToCounts(session, domainId, changes);
}

const counts = statement<{ domainId: string }>()((database, { domainCounts }) =>
  database
    .select({
      profiles: sql<number>`coalesce(sum(${domainCounts.profileCount}), 0)`,
      objects: sql<number>`coalesce(sum(${domainCounts.objectCount}), 0)`,
      objectBytes: sql<number>`coalesce(sum(${domainCounts.objectBytes}), 0)`,
      metering: sql<number>`coalesce(sum(${domainCounts.profileCount} + ${domainCounts.meteringExtra}), 0)`,
    })
    .from(domainCounts)
    .where(eq(domainCounts.domainId, placeholder('domainId'))),
);

/** How many things a domain has. */
export interface DomainCounts {
  readonly profiles: number;
  readonly objects: number;
  readonly objectBytes: number;
  /** The profiles as they are metered: those with many objects count more than once. */
  readonly meteredProfiles: number;
}

/** How many profiles and objects a domain has, and the bytes of the objects. */
export async function countsOfDomain(session: Session, domainId: string): Promise<DomainCounts> {
  const [row] = await session.run(counts, { domainId });
  return {
    profiles: Number(row?.profiles ?? 0),
    objects: Number(row?.objects ?? 0),
    objectBytes: Number(row?.objectBytes ?? 0),
    meteredProfiles: Number(row?.metering ?? 0),
  };
}
