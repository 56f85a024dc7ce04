import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { listHistory, NEWEST_RECORD } from '../../repository/history.ts';
import { name, string1To255, token, typeName, uuid } from '../shapes.ts';
import { describeRecord } from './record.ts';
import { requireProfile } from './require-profile.ts';
import { ActionType, recordMembers } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/**
 * Lists what happened to a profile, newest first. The records of a profile stay when it is deleted:
 * they are what tells of it.
 */
export const listProfileHistoryRecords = operation({
  name: 'ListProfileHistoryRecords',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/history-records',
  input: structure({
    DomainName: label(name),
    ProfileId: uuid,
    ObjectTypeName: optional(typeName),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    ActionType: optional(ActionType),
    PerformedBy: optional(string1To255),
  }),
  output: structure({
    ProfileHistoryRecords: optional(list(structure(recordMembers))),
    NextToken: optional(token),
  }),
  async handler(context, input) {
    const { DomainName: domainName, ProfileId: profileId } = input;
    const { MaxResults: limit = PAGE_SIZE_DEFAULT } = input;
    const profile = { accountId: context.caller.accountId, domainName, profileId };
    const rows = await listHistory(context.repository.autocommit, {
      ...profile,
      objectTypeName: input.ObjectTypeName ?? '',
      actionType: input.ActionType ?? '',
      performedBy: input.PerformedBy ?? '',
      before: context.pagePosition() ?? NEWEST_RECORD,
      limit: limit + 1,
    });
    if (rows.length === 0) await requireProfile(context, profile);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      ProfileHistoryRecords: page.map(describeRecord),
      NextToken: rows.length > limit && last ? context.nextToken(last.recordId) : undefined,
    };
  },
});
