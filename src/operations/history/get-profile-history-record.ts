import { ServiceError } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, optional, structure } from '../../model/shapes.ts';
import { findHistory } from '../../repository/history.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, stringifiedJson, uuid } from '../shapes.ts';
import { describeRecord } from './record.ts';
import { recordMembers } from './shapes.ts';

/** Shows one record of a profile's history, with what the profile, object or key was after it. */
export const getProfileHistoryRecord = operation({
  name: 'GetProfileHistoryRecord',
  method: 'GET',
  path: '/domains/{DomainName}/profiles/{ProfileId}/history-records/{Id}',
  input: structure({ DomainName: label(name), ProfileId: label(uuid), Id: label(uuid) }),
  output: structure({ ...recordMembers, Content: optional(stringifiedJson) }),
  async handler({ repository, caller }, input) {
    const { DomainName: domainName, ProfileId: profileId, Id: recordId } = input;
    const domain = { accountId: caller.accountId, domainName };
    const row = await findHistory(repository.autocommit, { ...domain, profileId, recordId });
    if (row === undefined) {
      await requireDomain(repository, domain);
      throw new ServiceError('ResourceNotFoundException', 'The history record does not exist');
    }
    return { ...describeRecord(row), Content: row.content ?? undefined };
  },
});
