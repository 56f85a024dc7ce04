import { ObjectAttributes } from '../../identity/object-attributes.ts';
import { operation } from '../../model/operation.ts';
import { integer, list, optional, query, structure, timestamp } from '../../model/shapes.ts';
import { toTimestamp } from '../domains/settings.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { name, token } from '../shapes.ts';
import { newestOfType, objectsOf } from './newest-objects.ts';
import { ObjectTypeName } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/**
 * Lists the attributes of an object type by name: its fields, and the members of its newest objects that
 * have values.
 */
export const listObjectTypeAttributes = operation({
  name: 'ListObjectTypeAttributes',
  method: 'GET',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}/attributes',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    ...ObjectTypeName,
  }),
  output: structure({
    Items: optional(list(structure({ AttributeName: name, LastUpdatedAt: timestamp() }))),
    NextToken: optional(token),
  }),
  async handler(context, input) {
    const { DomainName: domainName, ObjectTypeName: objectTypeName } = input;
    const { MaxResults: limit = PAGE_SIZE_DEFAULT } = input;
    const { repository, caller, now } = context;
    const after = context.pagePosition() ?? '';
    const domain = { accountId: caller.accountId, domainName };
    const { type, documents } = await repository.read(async (session) =>
      newestOfType(session, await requireObjectType(session, domain, objectTypeName), now),
    );
    const attributes = new ObjectAttributes(type.mapping);
    for await (const { object, updatedAt } of objectsOf(documents))
      attributes.add(object, updatedAt);
    const rest = attributes.list(type.definedAt).filter((attribute) => attribute.name > after);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map((attribute) => ({
        AttributeName: attribute.name,
        LastUpdatedAt: toTimestamp(attribute.updatedAt),
      })),
      NextToken: rest.length > limit && last ? context.nextToken(last.name) : undefined,
    };
  },
});
