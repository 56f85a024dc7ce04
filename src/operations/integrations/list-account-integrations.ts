import { operation } from '../../model/operation.ts';
import { boolean, integer, list, optional, query, structure } from '../../model/shapes.ts';
import { findIntegrationByUri } from '../../repository/integrations.ts';
import { string1To255, token } from '../shapes.ts';
import { describeIntegration } from './integration.ts';
import { IntegrationResponse } from './shapes.ts';

/**
 * Lists the integrations of a URI in all domains of the account. Since a URI belongs to one domain,
 * the first page is the last.
 */
export const listAccountIntegrations = operation({
  name: 'ListAccountIntegrations',
  method: 'POST',
  path: '/integrations',
  input: structure({
    Uri: string1To255,
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    IncludeHidden: query('include-hidden', optional(boolean())),
  }),
  output: structure({ Items: optional(list(IntegrationResponse)), NextToken: optional(token) }),
  async handler({ repository, caller, pagePosition }, { Uri: uri }) {
    const isLater = pagePosition() !== undefined;
    const row = await findIntegrationByUri(repository.autocommit, caller.accountId, uri);
    return { Items: row === undefined || isLater ? [] : [describeIntegration(row)] };
  },
});
