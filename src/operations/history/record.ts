import type * as z from 'zod';
import type { Caller, Context } from '../../model/operation.ts';
import { type HistoryRow, insertHistory } from '../../repository/history.ts';
import type { WriteSession } from '../../repository/session.ts';
import { toTimestamp } from '../domains/settings.ts';
import type { ActionType } from './shapes.ts';

/** What a record calls the profile itself, where others name an object's type. */
export const PROFILE_TYPE = '_profile';

/** A profile that something happens to. */
interface ProfileKey {
  readonly domainId: string;
  readonly profileId: string;
}

/** Who does something to profiles, and when: the caller of an operation, or the service itself. */
export interface Actor extends Pick<Context, 'ids' | 'now'> {
  readonly caller: Pick<Caller, 'arn'>;
}

/**
 * Writes down what happens to a profile, in the unit of work in which it does.
 *
 * @param content the profile, the object or the key after the action, as JSON text where it is that
 *   already; null where nothing is left.
 */
export function recordAction(
  session: WriteSession,
  actor: Actor,
  { domainId, profileId }: ProfileKey,
  actionType: z.output<typeof ActionType>,
  content: object | string | null,
  object?: { readonly objectTypeName: string; readonly objectKey: string },
): void {
  const row = recordOf(actor, profileId, actionType, content, object);
  insertHistory(session, { domainId, ...row });
}

/** The record of it, for those who write down several at once. */
export function recordOf(
  { ids, caller, now }: Actor,
  profileId: string,
  actionType: z.output<typeof ActionType>,
  content: object | string | null,
  object?: { readonly objectTypeName: string; readonly objectKey: string },
): Omit<HistoryRow, 'domainId'> {
  return {
    profileId,
    recordId: ids.recordId(now),
    objectTypeName: object?.objectTypeName ?? PROFILE_TYPE,
    actionType,
    objectKey: object?.objectKey ?? null,
    performedBy: caller.arn,
    content: typeof content === 'object' ? content && JSON.stringify(content) : content,
    createdAt: now,
  };
}

/** A record as ListProfileHistoryRecords and GetProfileHistoryRecord show it. */
export function describeRecord(row: Omit<HistoryRow, 'domainId' | 'profileId' | 'content'>) {
  return {
    Id: row.recordId,
    ObjectTypeName: row.objectTypeName,
    CreatedAt: toTimestamp(row.createdAt),
    LastUpdatedAt: toTimestamp(row.createdAt),
    // Only recordAction writes it.
    ActionType: row.actionType as z.output<typeof ActionType>,
    ProfileObjectUniqueKey: row.objectKey ?? undefined,
    PerformedBy: row.performedBy,
  };
}
