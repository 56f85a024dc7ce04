import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, sensitive, structure } from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import { listObjectTypes, reservedObjectCount } from '../../repository/object-types.ts';
import { toTimestamp } from '../domains/settings.ts';
import { name, token } from '../shapes.ts';
import { availableObjects, definitionOf } from './definition.ts';
import { ListProfileObjectTypeItem } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/** Lists the object types that a domain defines, by name. */
export const listProfileObjectTypes = operation({
  name: 'ListProfileObjectTypes',
  method: 'GET',
  path: '/domains/{DomainName}/object-types',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    Items: optional(sensitive(list(ListProfileObjectTypeItem))),
    NextToken: optional(token),
  }),
  async handler(context, { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const after = context.pagePosition() ?? '';
    const { accountId } = context.caller;
    const { rows, reserved } = await context.repository.read(async (session) => {
      const domain = await findDomain(session, { accountId, domainName });
      if (domain === undefined) throw domainNotFound(domainName);
      return {
        rows: await listObjectTypes(session, domain.domainId, after, limit + 1),
        reserved: await reservedObjectCount(session, domain.domainId),
      };
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map((row) => {
        const definition = definitionOf(row);
        return {
          ObjectTypeName: row.objectTypeName,
          Description: definition.Description,
          CreatedAt: toTimestamp(row.createdAt),
          LastUpdatedAt: toTimestamp(row.updatedAt),
          MaxProfileObjectCount: definition.MaxProfileObjectCount,
          MaxAvailableProfileObjectCount: availableObjects(definition, reserved),
          SourcePriority: definition.SourcePriority,
          Tags: definition.Tags,
        };
      }),
      NextToken: rows.length > limit && last ? context.nextToken(last.objectTypeName) : undefined,
    };
  },
});
