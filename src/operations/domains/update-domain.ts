import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { type DomainRow, findDomain, updateDomain as store } from '../../repository/domains.ts';
import { removePendingJobs } from '../../repository/job-scheduling.ts';
import { checkSettings, type DomainSettings, describeDomain, mergeSettings } from './settings.ts';
import { UpdateDomainRequest, UpdateDomainResponse } from './shapes.ts';

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
  async handler({ repository, caller, now }, input) {
    const { DomainName: domainName } = input;
    const row = await repository.write(async (session): Promise<DomainRow> => {
      const before = await findDomain(session, { accountId: caller.accountId, domainName });
      if (before === undefined) throw domainNotFound(domainName);
      checkSettings(input);
      const settings = JSON.parse(before.settings) as DomainSettings;
      const changed = mergeSettings(settings, input);
      const changes = {
        defaultExpirationDays: input.DefaultExpirationDays ?? before.defaultExpirationDays,
        settings: JSON.stringify(changed),
        updatedAt: now,
      };
      await store(session, before, changes);
      // After that, so that nobody stores another one meanwhile.
      if (settings.Matching?.Enabled && !changed.Matching?.Enabled)
        await removePendingJobs(session, before.domainId);
      return { ...before, ...changes };
    });
    return describeDomain(row);
  },
});
