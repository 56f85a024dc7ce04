import { type DomainRow, findDomain, insertDomain } from '../../src/repository/domains.ts';
import type { HistoryRow } from '../../src/repository/history.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { WriteSession } from '../../src/repository/session.ts';

export const accountId = '000000000000';

function row(name: string): DomainRow {
  return {
    domainId: `id of ${name}`,
    accountId,
    name,
    defaultExpirationDays: 1,
    settings: '{}',
    isRuleMatching: 0,
    createdAt: 0,
    updatedAt: 0,
  };
}

/** A small unit of work: it stores a domain. */
export const insert = (name: string) => (session: WriteSession) => insertDomain(session, row(name));

/** The record that says so, for its history. */
export const recordOf = (name: string): HistoryRow => ({
  domainId: row(name).domainId,
  profileId: 'somebody',
  recordId: 'record',
  objectTypeName: '_profile',
  actionType: 'CREATED',
  objectKey: null,
  performedBy: 'somebody',
  content: null,
  createdAt: 0,
});

/** Whether that domain is stored. */
export async function has(repository: Repository, domainName: string): Promise<boolean> {
  const found = await repository.read((session) => findDomain(session, { accountId, domainName }));
  return found !== undefined;
}
