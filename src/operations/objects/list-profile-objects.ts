import { isDerivedType } from '../../identity/derived-objects.ts';
import { normalKeyValue } from '../../identity/normal-forms.ts';
import { keyContentType } from '../../identity/object-keys.ts';
import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import {
  listObjects,
  type ObjectKeyFilter,
  type ObjectQuery,
} from '../../repository/object-list.ts';
import { findProfile } from '../../repository/profiles.ts';
import type { Session } from '../../repository/session.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { type EffectiveObjectType, findEffectiveObjectType } from '../object-types/resolve.ts';
import { whyNotFound } from '../profiles/not-found.ts';
import {
  name,
  requestValueList,
  string1To255,
  stringifiedJson,
  token,
  typeName,
  uuid,
} from '../shapes.ts';
import { listStandardObjects, type ObjectPage } from './standard-objects.ts';

const PAGE_SIZE_DEFAULT = 100;

/** The objects of a type as they were given. */
async function listStored(
  session: Session,
  query: ObjectQuery,
  { mapping }: EffectiveObjectType,
  filter: ObjectKeyFilter | undefined,
): Promise<ObjectPage> {
  const { limit } = query;
  const contentType = filter && keyContentType(mapping, filter.keyName);
  const normal = filter && {
    keyName: filter.keyName,
    values: filter.values.map((value) => normalKeyValue(filter.keyName, value, contentType)),
  };
  const rows = await listObjects(session, { ...query, limit: limit + 1 }, normal);
  const objects = rows.slice(0, limit);
  return { objects, next: rows.length > limit ? objects.at(-1)?.objectKey : undefined };
}

/**
 * Lists the objects of one type that a profile has, oldest first, as they were given; or the standard
 * objects that they make.
 */
export const listProfileObjects = operation({
  name: 'ListProfileObjects',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/objects',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    DomainName: label(name),
    ObjectTypeName: typeName,
    ProfileId: uuid,
    ObjectFilter: optional(structure({ KeyName: name, Values: requestValueList })),
  }),
  output: structure({
    Items: optional(
      list(
        structure({
          ObjectTypeName: optional(typeName),
          ProfileObjectUniqueKey: optional(string1To255),
          Object: optional(stringifiedJson),
        }),
      ),
    ),
    NextToken: optional(token),
  }),
  async handler(context, input) {
    const { DomainName: domainName, ProfileId: profileId, ObjectTypeName: objectTypeName } = input;
    const { MaxResults: limit = PAGE_SIZE_DEFAULT, ObjectFilter } = input;
    const { repository, caller, now } = context;
    const domain = { accountId: caller.accountId, domainName };
    const after = context.pagePosition() ?? '';
    const { objects, next } = await repository.read(async (session): Promise<ObjectPage> => {
      // A standard object is there without a definition; one of its name wins over it.
      const type = isDerivedType(objectTypeName)
        ? await findEffectiveObjectType(session, domain, objectTypeName)
        : await requireObjectType(session, domain, objectTypeName);
      const profile = await findProfile(session, { ...domain, profileId, now });
      if (profile === undefined) throw await whyNotFound(session, domain);
      const { domainId } = profile;
      const filter = ObjectFilter && { keyName: ObjectFilter.KeyName, values: ObjectFilter.Values };
      const query = { ...domain, profileId, objectTypeName, after, now, limit };
      return type === undefined
        ? listStandardObjects(session, { ...query, domainId, filter })
        : listStored(session, query, type, filter);
    });
    return {
      Items: objects.map(({ objectKey, document }) => ({
        ObjectTypeName: objectTypeName,
        ProfileObjectUniqueKey: objectKey,
        Object: document,
      })),
      NextToken: next === undefined ? undefined : context.nextToken(next),
    };
  },
});
