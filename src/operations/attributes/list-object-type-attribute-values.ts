import { formatPosition, parsePosition, valuesAfter } from '../../identity/attribute-values.ts';
import { badRequest } from '../../model/errors.ts';
import { type Context, operation } from '../../model/operation.ts';
import {
  integer,
  list,
  optional,
  query,
  sensitive,
  string,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import { toTimestamp } from '../domains/settings.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { token } from '../shapes.ts';
import { newestOfType, valuesOf } from './newest-objects.ts';
import { ObjectTypeAttribute } from './shapes.ts';

/** The model's own. */
const PAGE_SIZE_DEFAULT = 100;

const sensitiveString1To1000 = sensitive(string({ min: 1, max: 1000 }));

function positionOf(context: Context) {
  const text = context.pagePosition();
  if (text === undefined) return undefined;
  const position = parsePosition(text);
  if (position === undefined) throw badRequest('NextToken is not valid');
  return position;
}

/**
 * Lists the distinct values that an attribute has in the newest objects of a type, newest first. Later
 * pages are about what was there at the first one: objects that have come since are left to whoever asks
 * anew, and a value that no object has any more isn't shown.
 */
export const listObjectTypeAttributeValues = operation({
  name: 'ListObjectTypeAttributeValues',
  method: 'GET',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}/attributes/{AttributeName}/values',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    ...ObjectTypeAttribute,
  }),
  output: structure({
    Items: optional(list(structure({ Value: sensitiveString1To1000, LastUpdatedAt: timestamp() }))),
    NextToken: optional(token),
  }),
  async handler(context, input) {
    const { DomainName: domainName, ObjectTypeName: objectTypeName } = input;
    const { MaxResults: limit = PAGE_SIZE_DEFAULT } = input;
    const { repository, caller, now } = context;
    const position = positionOf(context);
    const domain = { accountId: caller.accountId, domainName };
    const newest = await repository.read(async (session) => {
      const type = await requireObjectType(session, domain, objectTypeName);
      return newestOfType(session, type, now, position?.until);
    });
    const until = position?.until ?? newest.documents[0]?.updatedAt ?? 0;
    const values = new Map<string, { value: string; updatedAt: number }>();
    for await (const found of valuesOf(newest, input.AttributeName))
      if (!values.has(found.value)) values.set(found.value, found);
    const rest = valuesAfter(values.values(), position);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map(({ value, updatedAt }) => ({
        Value: value,
        LastUpdatedAt: toTimestamp(updatedAt),
      })),
      NextToken:
        rest.length > limit && last
          ? context.nextToken(formatPosition({ ...last, until }))
          : undefined,
    };
  },
});
