import { and, asc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName, isNamed } from './domains.ts';
import { ConflictError } from './errors.ts';
import {
  type Database,
  type Locks,
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** An object type as it is stored. Times are milliseconds since the epoch, the definition is JSON text. */
export interface ObjectTypeRow {
  readonly domainId: string;
  readonly objectTypeName: string;
  readonly definition: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * A row under the type's name with this in front says that the type was deleted and that some of its
 * objects are still there. No type can have such a name, and in C collation it follows all of them.
 */
const DELETED = '~';

const isDefined = ({ objectTypes }: Tables) => lt(objectTypes.objectTypeName, DELETED);

/** What a domain has under the name of an object type. */
export interface FoundObjectType {
  readonly domainId: string;
  readonly defaultExpirationDays: number;
  /** Undefined when no type of that name is defined. */
  readonly row: ObjectTypeRow | undefined;
  /** Whether objects of a deleted type of that name still wait for the sweeper. */
  readonly isBeingDeleted: boolean;
}

type Named = DomainName & { objectTypeName: string; deletedName: string };

/** The domain, with or without an object type and what is left of a deleted one: up to two rows. */
function selectNamed(database: Database, tables: Tables, lock: Locks['keyShareOfObjectType']) {
  const { domains, objectTypes } = tables;
  const isOfName = and(
    eq(objectTypes.domainId, domainIdByName(database, tables)),
    inArray(objectTypes.objectTypeName, [
      placeholder('objectTypeName') as unknown as string,
      placeholder('deletedName') as unknown as string,
    ]),
  );
  return database
    .select({
      domainId: domains.domainId,
      defaultExpirationDays: domains.defaultExpirationDays,
      objectTypeName: sql<string | null>`found.object_type_name`,
      definition: sql<string | null>`found.definition`,
      createdAt: sql<number | null>`found.created_at`,
      updatedAt: sql<number | null>`found.updated_at`,
    })
    .from(domains)
    .leftJoin(
      sql`(select ${objectTypes.domainId}, ${objectTypes.objectTypeName}, ${objectTypes.definition}, ${objectTypes.createdAt}, ${objectTypes.updatedAt} from ${objectTypes} where ${isOfName} ${lock}) as found`,
      sql`found.domain_id = ${domains.domainId}`,
    )
    .where(isNamed(tables));
}

const named = statement<Named>()((database, tables) => selectNamed(database, tables, sql``));

const namedAndHeld = writeStatement<Named>()((database, tables, locks) =>
  selectNamed(database, tables, locks.keyShareOfObjectType),
);

type NamedRows = Awaited<ReturnType<typeof selectNamed>>;

async function lookUp(
  run: (parameters: Named) => Promise<NamedRows>,
  { accountId, domainName }: DomainName,
  name: string,
): Promise<FoundObjectType | undefined> {
  const deletedName = `${DELETED}${name}`;
  const rows = await run({ accountId, domainName, objectTypeName: name, deletedName });
  const [domain] = rows;
  if (domain === undefined) return undefined;
  const { domainId, defaultExpirationDays } = domain;
  const found = rows.find((row) => row.objectTypeName === name);
  return {
    domainId,
    defaultExpirationDays,
    row: found && {
      domainId,
      objectTypeName: name,
      definition: String(found.definition),
      // On PostgreSQL the driver gives these as text, as they are no column of a table here.
      createdAt: Number(found.createdAt),
      updatedAt: Number(found.updatedAt),
    },
    isBeingDeleted: rows.some((row) => row.objectTypeName === deletedName),
  };
}

/** What a domain has under the name of an object type; undefined when the domain isn't there. */
export function readObjectType(
  session: Session,
  domain: DomainName,
  name: string,
): Promise<FoundObjectType | undefined> {
  return lookUp((parameters) => session.run(named, parameters), domain, name);
}

/**
 * The same for a unit that stores objects of the type. It holds the type's definition until it ends:
 * a deletion waits for it, and then sees its objects.
 */
export function holdObjectType(
  session: WriteSession,
  domain: DomainName,
  name: string,
): Promise<FoundObjectType | undefined> {
  return lookUp((parameters) => session.run(namedAndHeld, parameters), domain, name);
}

/** The object type of that name; undefined when it or the domain isn't there. */
export async function findObjectType(
  session: Session,
  domain: DomainName,
  name: string,
): Promise<ObjectTypeRow | undefined> {
  return (await readObjectType(session, domain, name))?.row;
}

const lock = writeStatement<DomainName>()((database, tables, locks) => {
  const { domains } = tables;
  return database
    .select({ domainId: sql<string>`domain_id` })
    .from(
      sql`(select ${domains.domainId} from ${domains} where ${isNamed(tables)} ${locks.noKeyUpdateOfDomain}) as locked`,
    );
});

/**
 * Keeps others from defining and deleting object types of a domain, and from deleting the domain,
 * until the unit ends. Profiles and objects are not held up. Gives the domain's id, or undefined when
 * it isn't there.
 */
export async function lockObjectTypes(
  session: WriteSession,
  { accountId, domainName }: DomainName,
): Promise<string | undefined> {
  const [row] = await session.run(lock, { accountId, domainName });
  return row?.domainId;
}

const lockById = writeStatement<{ domainId: string }>()((database, { domains }, locks) =>
  database
    .select({ domainId: sql<string>`domain_id` })
    .from(
      sql`(select ${domains.domainId} from ${domains} where ${eq(domains.domainId, placeholder('domainId'))} ${locks.noKeyUpdateOfDomain}) as locked`,
    ),
);

/**
 * The same for a unit that purges a deleted type: no merge then takes objects of it from one profile to
 * another, past the purge.
 */
export async function lockObjectTypesOf(session: WriteSession, domainId: string): Promise<void> {
  await session.run(lockById, { domainId });
}

function insertRow(database: Database, { objectTypes }: Tables) {
  return database.insert(objectTypes).values({
    domainId: placeholder('domainId'),
    objectTypeName: placeholder('objectTypeName'),
    definition: placeholder('definition'),
    createdAt: placeholder('createdAt'),
    updatedAt: placeholder('updatedAt'),
  });
}

const insert = writeStatement<ObjectTypeRow>()((database, tables) =>
  insertRow(database, tables).returning({ name: tables.objectTypes.objectTypeName }),
);

/** @throws AlreadyExistsError when the domain has an object type of that name. */
export async function insertObjectType(session: WriteSession, row: ObjectTypeRow): Promise<void> {
  await session.run(insert, row);
}

const update = writeStatement<{
  domainId: string;
  objectTypeName: string;
  readDefinition: string;
  definition: string;
  updatedAt: number | null;
}>()((database, { objectTypes }) =>
  database
    .update(objectTypes)
    .set({
      definition: sql`${placeholder('definition')}`,
      updatedAt: sql`coalesce(${placeholder('updatedAt')}, ${objectTypes.updatedAt})`,
    })
    .where(
      and(
        eq(objectTypes.domainId, placeholder('domainId')),
        eq(objectTypes.objectTypeName, placeholder('objectTypeName')),
        eq(objectTypes.definition, placeholder('readDefinition')),
      ),
    )
    .returning({ name: objectTypes.objectTypeName }),
);

/**
 * Stores a definition in place of the one that the same unit has read.
 *
 * @param updatedAt left out for what is no change of the type itself: its tags.
 * @throws ConflictError when another unit has changed or deleted the type since.
 */
export async function updateObjectTypeDefinition(
  session: WriteSession,
  domainId: string,
  name: string,
  readDefinition: string,
  definition: string,
  updatedAt?: number,
): Promise<void> {
  const updated = await session.run(update, {
    domainId,
    objectTypeName: name,
    readDefinition,
    definition,
    updatedAt: updatedAt ?? null,
  });
  if (updated.length === 0) throw new ConflictError('the object type has changed');
}

const count = statement<{ domainId: string }>()((database, tables) => {
  const { objectTypes } = tables;
  return database
    .select({ types: sql<number>`count(*)` })
    .from(objectTypes)
    .where(and(eq(objectTypes.domainId, placeholder('domainId')), isDefined(tables)));
});

/** How many object types a domain has. */
export async function objectTypeCount(session: Session, domainId: string): Promise<number> {
  const [row] = await session.run(count, { domainId });
  return Number(row?.types ?? 0);
}

const reserved = statement<{ domainId: string }>()((database, tables, { reservedObjects }) => {
  const { objectTypes } = tables;
  return database
    .select({ objects: sql<number>`coalesce(sum(${reservedObjects}), 0)` })
    .from(objectTypes)
    .where(and(eq(objectTypes.domainId, placeholder('domainId')), isDefined(tables)));
});

/** How many objects of a profile the object types of a domain reserve, all together. */
export async function reservedObjectCount(session: Session, domainId: string): Promise<number> {
  const [row] = await session.run(reserved, { domainId });
  return Number(row?.objects ?? 0);
}

const page = statement<{ domainId: string; after: string; limit: number }>()((database, tables) => {
  const { objectTypes } = tables;
  return database
    .select()
    .from(objectTypes)
    .where(
      and(
        eq(objectTypes.domainId, placeholder('domainId')),
        gt(objectTypes.objectTypeName, placeholder('after')),
        isDefined(tables),
      ),
    )
    .orderBy(asc(objectTypes.objectTypeName))
    .limit(placeholder('limit'));
});

/** Up to `limit` object types of a domain by name, those after the name `after`. */
export function listObjectTypes(
  session: Session,
  domainId: string,
  after: string,
  limit: number,
): Promise<ObjectTypeRow[]> {
  return session.run(page, { domainId, after, limit });
}

const remove = writeStatement<{ domainId: string; objectTypeName: string }>()(
  (database, { objectTypes }) =>
    database
      .delete(objectTypes)
      .where(
        and(
          eq(objectTypes.domainId, placeholder('domainId')),
          eq(objectTypes.objectTypeName, placeholder('objectTypeName')),
        ),
      )
      .returning({ name: objectTypes.objectTypeName }),
);

/**
 * Removes an object type's definition and waits for the units that store objects of it. False when it
 * wasn't there.
 */
export async function removeObjectType(
  session: WriteSession,
  domainId: string,
  objectTypeName: string,
): Promise<boolean> {
  return (await session.run(remove, { domainId, objectTypeName })).length > 0;
}

const insertOnce = writeStatement<ObjectTypeRow>()((database, tables) =>
  insertRow(database, tables)
    .onConflictDoNothing()
    .returning({ name: tables.objectTypes.objectTypeName }),
);

/** Leaves the rest of a deleted type's objects to the sweeper. */
export async function markObjectTypeDeleted(
  session: WriteSession,
  domainId: string,
  objectTypeName: string,
  now: number,
): Promise<void> {
  await session.run(insertOnce, {
    domainId,
    objectTypeName: `${DELETED}${objectTypeName}`,
    definition: '{}',
    createdAt: now,
    updatedAt: now,
  });
}

const lockMarked = writeStatement()((database, { objectTypes }, locks) =>
  database
    .select({ domainId: sql<string>`domain_id`, markedName: sql<string>`object_type_name` })
    .from(
      sql`(select ${objectTypes.domainId}, ${objectTypes.objectTypeName} from ${objectTypes} where ${gte(objectTypes.objectTypeName, DELETED)} limit 1 ${locks.updateOfFreeObjectType}) as locked`,
    ),
);

/**
 * Holds a deleted object type that still has objects until the unit ends; undefined when there is none
 * that nobody else holds. Reads all types: a domain has a hundred, not a million.
 */
export async function lockDeletedObjectType(
  session: WriteSession,
): Promise<{ domainId: string; objectTypeName: string } | undefined> {
  const [row] = await session.run(lockMarked, {});
  return row && { domainId: row.domainId, objectTypeName: row.markedName.slice(DELETED.length) };
}

const marked = statement<{ domainId: string }>()((database, { objectTypes }) =>
  database
    .select({ markedName: objectTypes.objectTypeName })
    .from(objectTypes)
    .where(
      and(
        eq(objectTypes.domainId, placeholder('domainId')),
        gte(objectTypes.objectTypeName, DELETED),
      ),
    ),
);

/** The deleted object types of a domain of which something is left. */
export async function deletedObjectTypes(
  session: Session,
  domainId: string,
): Promise<ReadonlySet<string>> {
  const rows = await session.run(marked, { domainId });
  return new Set(rows.map(({ markedName }) => markedName.slice(DELETED.length)));
}

/** Says that nothing is left of a deleted type that the unit holds. */
export async function forgetDeletedObjectType(
  session: WriteSession,
  domainId: string,
  objectTypeName: string,
): Promise<void> {
  await session.run(remove, { domainId, objectTypeName: `${DELETED}${objectTypeName}` });
}
