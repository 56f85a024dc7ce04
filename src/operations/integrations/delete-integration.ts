import { operation } from '../../model/operation.ts';
import { structure } from '../../model/shapes.ts';
import { removeIntegration } from '../../repository/integrations.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { message } from '../shapes.ts';
import { integrationInBody, integrationNotFound } from './integration.ts';
import { IntegrationRequest } from './shapes.ts';

/** Deletes an integration. A second delete finds nothing: ResourceNotFoundException. */
export const deleteIntegration = operation({
  name: 'DeleteIntegration',
  method: 'POST',
  path: '/domains/{DomainName}/integrations/delete',
  input: IntegrationRequest,
  output: structure({ Message: message }),
  resourceInBody: integrationInBody,
  async handler({ repository, caller }, { DomainName: domainName, Uri: uri }) {
    const domain = { accountId: caller.accountId, domainName };
    const isRemoved = await repository.write((session) =>
      removeIntegration(session, { ...domain, uri }),
    );
    if (!isRemoved) {
      await requireDomain(repository, domain);
      throw integrationNotFound();
    }
    return { Message: 'OK' };
  },
});
