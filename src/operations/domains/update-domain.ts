import { domainNotFound } from '../../model/errors.ts';
import { asService, type Context, operation } from '../../model/operation.ts';
import {
  type DomainName,
  type DomainRow,
  findDomain,
  lockDomain,
  updateDomain as store,
} from '../../repository/domains.ts';
import { removePendingJobs } from '../../repository/job-scheduling.ts';
import { findRebuild, saveRebuild } from '../../repository/rule-match-rebuilds.ts';
import type { WriteSession } from '../../repository/session.ts';
import { catchUpMatching } from '../matching/advance.ts';
import {
  checkSettings,
  type DomainSettings,
  describeDomain,
  isRuleMatching,
  matchDifferently,
  mergeSettings,
} from './settings.ts';
import { UpdateDomainRequest, UpdateDomainResponse } from './shapes.ts';

/**
 * Stores other settings than the unit has read. Where they match profiles by other rules, all profiles
 * are looked at anew: nobody may be writing one then, having read that matching is off.
 */
async function storeSettings(
  session: WriteSession,
  domain: DomainName,
  before: DomainRow,
  settings: DomainSettings,
  changes: Pick<DomainRow, 'defaultExpirationDays' | 'updatedAt'>,
): Promise<DomainRow> {
  const had = JSON.parse(before.settings) as DomainSettings;
  const isRebuilt = matchDifferently(had, settings);
  if (isRebuilt) await lockDomain(session, domain);
  const stored = {
    ...changes,
    settings: JSON.stringify(settings),
    isRuleMatching: isRuleMatching(settings) ? 1 : 0,
  };
  await store(session, before, stored);
  const { domainId } = before;
  // After that, so that nobody stores another one meanwhile.
  if (had.Matching?.Enabled && !settings.Matching?.Enabled)
    await removePendingJobs(session, domainId);
  if (isRebuilt) await saveRebuild(session, { domainId, phase: 'CLEAR', after: '' });
  return { ...before, ...stored };
}

/** Whether profiles are still being looked at; those of a small domain have been, by the answer. */
async function isBeingRebuilt(context: Context, { domainId, isRuleMatching }: DomainRow) {
  if (isRuleMatching) await catchUpMatching(asService(context), domainId);
  return (await findRebuild(context.repository.autocommit, domainId)) !== undefined;
}

/**
 * Changes a domain's settings; absent ones stay. `Tags` is validated and otherwise ignored: Amazon's
 * documentation sends tag changes of an existing domain to TagResource. With Matching switched off, a
 * job of identity resolution that has not started is gone.
 */
export const updateDomain = operation({
  name: 'UpdateDomain',
  method: 'PUT',
  path: '/domains/{DomainName}',
  input: UpdateDomainRequest,
  output: UpdateDomainResponse,
  async handler(context, input) {
    const { repository, caller, now } = context;
    const domain = { accountId: caller.accountId, domainName: input.DomainName };
    const row = await repository.write(async (session) => {
      const before = await findDomain(session, domain);
      if (before === undefined) throw domainNotFound(domain.domainName);
      checkSettings(input);
      const settings = mergeSettings(JSON.parse(before.settings) as DomainSettings, input);
      const defaultExpirationDays = input.DefaultExpirationDays ?? before.defaultExpirationDays;
      const changes = { defaultExpirationDays, updatedAt: now };
      return storeSettings(session, domain, before, settings, changes);
    });
    return describeDomain(row, await isBeingRebuilt(context, row));
  },
});
