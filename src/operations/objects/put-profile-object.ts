import { operation } from '../../model/operation.ts';
import { label, optional, structure } from '../../model/shapes.ts';
import { name, string1To255, stringifiedJson, typeName } from '../shapes.ts';
import { putObject } from './put-object.ts';

/**
 * Adds an object to the profile that its keys name, or to a new one where its type makes profiles.
 * The answer doesn't say which: clients search for it by a key.
 */
export const putProfileObject = operation({
  name: 'PutProfileObject',
  method: 'PUT',
  path: '/domains/{DomainName}/profiles/objects',
  input: structure({
    ObjectTypeName: typeName,
    Object: stringifiedJson,
    DomainName: label(name),
  }),
  output: structure({ ProfileObjectUniqueKey: optional(string1To255) }),
  async handler(context, { DomainName, ObjectTypeName, Object: text }) {
    return {
      ProfileObjectUniqueKey: await putObject(context, DomainName, ObjectTypeName, text),
    };
  },
});
