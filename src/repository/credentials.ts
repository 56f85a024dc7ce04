import { asc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** Credentials as they are stored. Times are milliseconds since the epoch. */
export interface CredentialRow {
  readonly accessKeyId: string;
  readonly accountId: string;
  readonly userName: string;
  readonly sealedSecret: string;
  /** A JSON list of IAM policy documents, each as text. */
  readonly policies: string;
  readonly sessionTokenHash: string | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
}

const insert = writeStatement<CredentialRow>()((database, { credentials }) =>
  database
    .insert(credentials)
    .values({
      accessKeyId: placeholder('accessKeyId'),
      accountId: placeholder('accountId'),
      userName: placeholder('userName'),
      sealedSecret: placeholder('sealedSecret'),
      policies: placeholder('policies'),
      sessionTokenHash: placeholder('sessionTokenHash'),
      expiresAt: placeholder('expiresAt'),
      createdAt: placeholder('createdAt'),
    })
    .returning({ accessKeyId: credentials.accessKeyId }),
);

/** @throws AlreadyExistsError when the access key id is taken. */
export async function insertCredentials(session: WriteSession, row: CredentialRow): Promise<void> {
  await session.run(insert, row);
}

const byId = statement<{ accessKeyId: string }>()((database, { credentials }) =>
  database
    .select()
    .from(credentials)
    .where(eq(credentials.accessKeyId, placeholder('accessKeyId'))),
);

/** The credentials of that access key id, or undefined. */
export async function findCredentials(
  session: Session,
  accessKeyId: string,
): Promise<CredentialRow | undefined> {
  const [row] = await session.run(byId, { accessKeyId });
  return row;
}

const all = statement()((database, { credentials }) =>
  database
    .select()
    .from(credentials)
    .orderBy(asc(credentials.createdAt), asc(credentials.accessKeyId)),
);

/** All credentials, oldest first. For the command line and the start: no request reads them all. */
export function listCredentials(session: Session): Promise<CredentialRow[]> {
  return session.run(all, {});
}

const remove = writeStatement<{ accessKeyId: string }>()((database, { credentials }) =>
  database
    .delete(credentials)
    .where(eq(credentials.accessKeyId, placeholder('accessKeyId')))
    .returning({ accessKeyId: credentials.accessKeyId }),
);

/** Whether there were any to remove. */
export async function removeCredentials(
  session: WriteSession,
  accessKeyId: string,
): Promise<boolean> {
  const removed = await session.run(remove, { accessKeyId });
  return removed.length > 0;
}

const usable = statement<{ now: number }>()((database, { credentials }) =>
  database
    .select()
    .from(credentials)
    .where(or(isNull(credentials.expiresAt), gt(credentials.expiresAt, placeholder('now'))))
    .limit(1),
);

/** Some credentials that have not expired, or undefined when nobody can sign a request. */
export async function findUsableCredentials(
  session: Session,
  now: number,
): Promise<CredentialRow | undefined> {
  const [row] = await session.run(usable, { now });
  return row;
}
