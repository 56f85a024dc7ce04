import { badRequest } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import {
  type DomainRow,
  domainCount,
  insertDomain,
  lockAccount,
} from '../../repository/domains.ts';
import { AlreadyExistsError } from '../../repository/errors.ts';
import type { WriteSession } from '../../repository/session.ts';
import { checkSettings, describeDomain, isRuleMatching, mergeSettings } from './settings.ts';
import { CreateDomainRequest, CreateDomainResponse } from './shapes.ts';

/**
 * Stores a domain unless the account has as many as it may. The insert comes first: a name that is
 * taken is told even then.
 *
 * @throws ServiceError BadRequestException when there are too many.
 */
async function insertWithinQuota(session: WriteSession, row: DomainRow, quota: number) {
  if (quota === Number.POSITIVE_INFINITY) return insertDomain(session, row);
  await lockAccount(session, row.accountId);
  await insertDomain(session, row);
  const others = (await domainCount(session, row.accountId)) - 1;
  if (others >= quota)
    throw badRequest(`The account has ${others} domains, and the quota is ${quota}`);
}

/** Creates a domain. A taken name is a BadRequestException, even with the same settings. */
export const createDomain = operation({
  name: 'CreateDomain',
  method: 'POST',
  path: '/domains/{DomainName}',
  input: CreateDomainRequest,
  output: CreateDomainResponse,
  async handler({ repository, caller, ids, quotas, now }, input) {
    checkSettings(input);
    const settings = mergeSettings({ Tags: input.Tags }, input);
    const row: DomainRow = {
      domainId: ids.domainId(),
      accountId: caller.accountId,
      name: input.DomainName,
      defaultExpirationDays: input.DefaultExpirationDays,
      settings: JSON.stringify(settings),
      isRuleMatching: isRuleMatching(settings) ? 1 : 0,
      createdAt: now,
      updatedAt: now,
    };
    try {
      await repository.write((session) => insertWithinQuota(session, row, quotas.domains));
    } catch (error) {
      if (error instanceof AlreadyExistsError)
        throw badRequest(`Domain ${input.DomainName} already exists`);
      throw error;
    }
    return describeDomain(row);
  },
});
