import { normalKeyValue } from '../../identity/normal-forms.ts';
import { keyContentType } from '../../identity/object-keys.ts';
import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { listObjects } from '../../repository/object-list.ts';
import { findProfile } from '../../repository/profiles.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
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

const PAGE_SIZE_DEFAULT = 100;

/** Lists the objects of one type that a profile has, oldest first, as they were given. */
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
    const { MaxResults: limit = PAGE_SIZE_DEFAULT, ObjectFilter: filter } = input;
    const { repository, caller, now } = context;
    const domain = { accountId: caller.accountId, domainName };
    const after = context.pagePosition() ?? '';
    const rows = await repository.read(async (session) => {
      const type = await requireObjectType(session, domain, objectTypeName);
      if ((await findProfile(session, { ...domain, profileId, now })) === undefined)
        throw await whyNotFound(session, domain);
      const objects = { ...domain, profileId, objectTypeName, after, now, limit: limit + 1 };
      if (filter === undefined) return listObjects(session, objects);
      const { KeyName: keyName, Values } = filter;
      const contentType = keyContentType(type.mapping, keyName);
      const values = Values.map((value) => normalKeyValue(keyName, value, contentType));
      return listObjects(session, objects, { keyName, values });
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      Items: page.map(({ objectKey, document }) => ({
        ObjectTypeName: objectTypeName,
        ProfileObjectUniqueKey: objectKey,
        Object: document,
      })),
      NextToken: rows.length > limit && last ? context.nextToken(last.objectKey) : undefined,
    };
  },
});
