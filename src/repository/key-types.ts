import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName } from './domains.ts';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many names one statement takes; more go in several. A search has up to five keys. */
const KEY_NAMES_MAX = 8;
/** How many keys one statement stores; more go in several. */
const KEYS_PER_STATEMENT = 16;

/** How the values of a key compare: the API's content type. */
export interface KeyType {
  readonly keyName: string;
  readonly contentType: string;
}

const byName = sized(KEY_NAMES_MAX, (size) =>
  statement<DomainName>()((database, tables) => {
    const { objectTypeKeys: keys } = tables;
    return database
      .select({ keyName: keys.keyName, contentType: keys.contentType })
      .from(keys)
      .where(
        and(
          eq(keys.domainId, domainIdByName(database, tables)),
          inArray(keys.keyName, listPlaceholders('keyName', size)),
        ),
      )
      .orderBy(desc(keys.objectTypeName));
  }),
);

/**
 * The content types of keys of a domain, by name: those of plain text are not among them. Where two types
 * differ about a key, the one whose name comes first decides.
 */
export async function findKeyTypes(
  session: Session,
  { accountId, domainName }: DomainName,
  keyNames: readonly string[],
): Promise<Map<string, string>> {
  const types = new Map<string, string>();
  for (const part of inParts(keyNames, KEY_NAMES_MAX)) {
    const parameters = { accountId, domainName, ...listParameters('keyName', part) };
    for (const { keyName, contentType } of await session.run(byName(part.length), parameters))
      types.set(keyName, contentType);
  }
  return types;
}

type Owner = { domainId: string; objectTypeName: string };

const remove = writeStatement<Owner>()((database, { objectTypeKeys: keys }) =>
  database
    .delete(keys)
    .where(
      and(
        eq(keys.domainId, placeholder('domainId')),
        eq(keys.objectTypeName, placeholder('objectTypeName')),
      ),
    )
    .returning({ keyName: keys.keyName }),
);

const insert = sized(KEYS_PER_STATEMENT, (size) =>
  writeStatement<Owner>()((database, { objectTypeKeys: keys }) => {
    const contentTypes = listPlaceholders('contentType', size);
    return database
      .insert(keys)
      .values(
        listPlaceholders('keyName', size).map((keyName, index) => ({
          domainId: placeholder('domainId'),
          objectTypeName: placeholder('objectTypeName'),
          keyName,
          contentType: sql`${contentTypes[index]}`,
        })),
      )
      .onConflictDoNothing()
      .returning({ keyName: keys.keyName });
  }),
);

/** Puts the keys of an object type that aren't plain text in the place of those it had. */
export async function replaceKeyTypes(
  session: WriteSession,
  { domainId, objectTypeName }: Owner,
  types: readonly KeyType[],
): Promise<void> {
  await session.run(remove, { domainId, objectTypeName });
  for (const part of inParts(types, KEYS_PER_STATEMENT)) {
    const [names, contentTypes] = [
      part.map(({ keyName }) => keyName),
      part.map(({ contentType }) => contentType),
    ];
    await session.run(insert(part.length), {
      domainId,
      objectTypeName,
      ...listParameters('keyName', names),
      ...listParameters('contentType', contentTypes),
    });
  }
}
