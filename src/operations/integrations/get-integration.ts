import { operation } from '../../model/operation.ts';
import { findIntegration } from '../../repository/integrations.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { describeIntegration, integrationInBody, integrationNotFound } from './integration.ts';
import { IntegrationRequest, IntegrationResponse } from './shapes.ts';

/** Shows an integration of a domain. */
export const getIntegration = operation({
  name: 'GetIntegration',
  method: 'POST',
  path: '/domains/{DomainName}/integrations',
  input: IntegrationRequest,
  output: IntegrationResponse,
  resourceInBody: integrationInBody,
  async handler({ repository, caller }, { DomainName: domainName, Uri: uri }) {
    const domain = { accountId: caller.accountId, domainName };
    const row = await findIntegration(repository.autocommit, { ...domain, uri });
    if (row === undefined) {
      await requireDomain(repository, domain);
      throw integrationNotFound();
    }
    return describeIntegration({ ...row, domainName });
  },
});
