import { operation } from '../../model/operation.ts';
import { boolean, integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { listIntegrations as readPage } from '../../repository/integrations.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, token } from '../shapes.ts';
import { describeIntegration } from './integration.ts';
import { IntegrationResponse } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/**
 * Lists the integrations of a domain by URI. There are none that `IncludeHidden` would add: those are
 * managed by services that Keyfold doesn't work with.
 */
export const listIntegrations = operation({
  name: 'ListIntegrations',
  method: 'GET',
  path: '/domains/{DomainName}/integrations',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    IncludeHidden: query('include-hidden', optional(boolean())),
  }),
  output: structure({ Items: optional(list(IntegrationResponse)), NextToken: optional(token) }),
  async handler(context, { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const domain = { accountId: context.caller.accountId, domainName };
    const after = context.pagePosition() ?? '';
    const rows = await readPage(context.repository.autocommit, domain, after, limit + 1);
    if (rows.length === 0) await requireDomain(context.repository, domain);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map(describeIntegration),
      NextToken: rows.length > limit && last ? context.nextToken(last.uri) : undefined,
    };
  },
});
