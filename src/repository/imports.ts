import { and, eq, sql } from 'drizzle-orm';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** The import of a file into a domain. */
export interface ImportName {
  readonly domainId: string;
  readonly fingerprint: string;
}

/** How far an import has come, as it is stored. Times are milliseconds since the epoch. */
export interface ImportRow extends ImportName {
  /** In bytes from the beginning of the file. */
  readonly position: number;
  readonly line: number;
  readonly created: number;
  readonly updated: number;
  readonly rejected: number;
  readonly unclearKeys: number;
  /** How long the file of rejects is without `lastRejects`, in bytes. */
  readonly rejectsBytes: number;
  readonly lastRejects: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Null until it is through. */
  readonly endedAt: number | null;
}

const byName = statement<ImportName>()((database, { imports }) =>
  database
    .select()
    .from(imports)
    .where(
      and(
        eq(imports.domainId, placeholder('domainId')),
        eq(imports.fingerprint, placeholder('fingerprint')),
      ),
    ),
);

/** How far an import has come, or undefined when it was never begun. */
export async function findImport(
  session: Session,
  { domainId, fingerprint }: ImportName,
): Promise<ImportRow | undefined> {
  const [row] = await session.run(byName, { domainId, fingerprint });
  return row;
}

const insert = writeStatement<ImportRow>()((database, { imports }) =>
  database
    .insert(imports)
    .values({
      domainId: placeholder('domainId'),
      fingerprint: placeholder('fingerprint'),
      position: placeholder('position'),
      line: placeholder('line'),
      created: placeholder('created'),
      updated: placeholder('updated'),
      rejected: placeholder('rejected'),
      unclearKeys: placeholder('unclearKeys'),
      rejectsBytes: placeholder('rejectsBytes'),
      lastRejects: placeholder('lastRejects'),
      startedAt: placeholder('startedAt'),
      updatedAt: placeholder('updatedAt'),
      endedAt: placeholder('endedAt'),
    })
    .returning({ domainId: imports.domainId }),
);

/**
 * Begins an import.
 *
 * @throws AlreadyExistsError when it was begun before.
 * @throws MissingParentError when the domain is gone.
 */
export async function insertImport(session: WriteSession, row: ImportRow): Promise<void> {
  await session.run(insert, row);
}

const advance = writeStatement<ImportRow & { readPosition: number }>()((database, { imports }) =>
  database
    .update(imports)
    .set({
      position: sql`${placeholder('position')}`,
      line: sql`${placeholder('line')}`,
      created: sql`${placeholder('created')}`,
      updated: sql`${placeholder('updated')}`,
      rejected: sql`${placeholder('rejected')}`,
      unclearKeys: sql`${placeholder('unclearKeys')}`,
      rejectsBytes: sql`${placeholder('rejectsBytes')}`,
      lastRejects: sql`${placeholder('lastRejects')}`,
      updatedAt: sql`${placeholder('updatedAt')}`,
      endedAt: sql`${placeholder('endedAt')}`,
    })
    .where(
      and(
        eq(imports.domainId, placeholder('domainId')),
        eq(imports.fingerprint, placeholder('fingerprint')),
        eq(imports.position, placeholder('readPosition')),
        sql`${imports.endedAt} is null`,
      ),
    )
    .returning({ domainId: imports.domainId }),
);

/**
 * Takes an import from where it was read to where the unit has brought it. False when somebody else has
 * done so, or it is gone: the unit must then leave everything as it is.
 */
export async function advanceImport(
  session: WriteSession,
  read: ImportRow,
  row: ImportRow,
): Promise<boolean> {
  const advanced = await session.run(advance, { ...row, readPosition: read.position });
  return advanced.length > 0;
}

const remove = writeStatement<ImportName>()((database, { imports }) =>
  database
    .delete(imports)
    .where(
      and(
        eq(imports.domainId, placeholder('domainId')),
        eq(imports.fingerprint, placeholder('fingerprint')),
      ),
    )
    .returning({ domainId: imports.domainId }),
);

/** Forgets an import: the same file can then be imported anew. */
export async function removeImport(
  session: WriteSession,
  { domainId, fingerprint }: ImportName,
): Promise<void> {
  await session.run(remove, { domainId, fingerprint });
}
