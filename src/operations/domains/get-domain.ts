import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { countsOfDomain } from '../../repository/domain-counts.ts';
import { findDomain } from '../../repository/domains.ts';
import { findRebuild } from '../../repository/rule-match-rebuilds.ts';
import { name } from '../shapes.ts';
import { describeDomain } from './settings.ts';
import { GetDomainResponse } from './shapes.ts';

/** Shows a domain with the numbers of its profiles and objects. */
export const getDomain = operation({
  name: 'GetDomain',
  method: 'GET',
  path: '/domains/{DomainName}',
  input: structure({ DomainName: label(name) }),
  output: GetDomainResponse,
  async handler({ repository, caller }, { DomainName: domainName }) {
    return repository.read(async (session) => {
      const row = await findDomain(session, { accountId: caller.accountId, domainName });
      if (row === undefined) throw domainNotFound(domainName);
      const rebuild = row.isRuleMatching ? await findRebuild(session, row.domainId) : undefined;
      const counts = await countsOfDomain(session, row.domainId);
      return {
        ...describeDomain(row, rebuild !== undefined),
        Stats: {
          ProfileCount: counts.profiles,
          MeteringProfileCount: counts.meteredProfiles,
          ObjectCount: counts.objects,
          TotalSize: counts.objectBytes,
        },
      };
    });
  },
});
