import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { type Session, statement } from './session.ts';

const { placeholder } = sql;

/** Where the walk through the values of a key has come. */
export interface KeyPosition {
  readonly keyName: string;
  /** Only values after this one, in the order of the index. */
  readonly after: string;
}

const holders = statement<KeyPosition & { domainId: string; limit: number }>()(
  (database, { profileKeys }) =>
    database
      .selectDistinct({ keyValue: profileKeys.keyValue, profileId: profileKeys.profileId })
      .from(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, placeholder('domainId')),
          eq(profileKeys.keyName, placeholder('keyName')),
          gt(profileKeys.keyValue, placeholder('after')),
        ),
      )
      .orderBy(asc(profileKeys.keyValue), asc(profileKeys.profileId))
      .limit(placeholder('limit')),
);

/**
 * Up to `limit` values of a key, each with a profile that has it, whatever the origin: a range of the
 * search index, read in its order.
 */
export function listKeyHolders(
  session: Session,
  domainId: string,
  { keyName, after }: KeyPosition,
  limit: number,
): Promise<{ keyValue: string; profileId: string }[]> {
  return session.run(holders, { domainId, keyName, after, limit });
}
