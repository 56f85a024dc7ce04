import { operation } from '../../model/operation.ts';
import { integer, list, optional, query, structure } from '../../model/shapes.ts';
import { listDomains as readPage } from '../../repository/domains.ts';
import { token } from '../shapes.ts';
import { type DomainSettings, toTimestamp } from './settings.ts';
import { ListDomainItem } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/** Lists the account's domains by name. */
export const listDomains = operation({
  name: 'ListDomains',
  method: 'GET',
  path: '/domains',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    Items: optional(list(ListDomainItem)),
    NextToken: optional(token),
  }),
  async handler(context, { MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const after = context.pagePosition() ?? '';
    const { accountId } = context.caller;
    const rows = await readPage(context.repository.autocommit, accountId, after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map((row) => ({
        DomainName: row.name,
        CreatedAt: toTimestamp(row.createdAt),
        LastUpdatedAt: toTimestamp(row.updatedAt),
        Tags: (JSON.parse(row.settings) as DomainSettings).Tags,
      })),
      NextToken: rows.length > limit && last ? context.nextToken(last.name) : undefined,
    };
  },
});
