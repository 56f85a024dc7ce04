import { domainNotFound, objectTypeNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { structure } from '../../model/shapes.ts';
import { readObjectType, reservedObjectCount } from '../../repository/object-types.ts';
import { describeObjectType } from './definition.ts';
import { ObjectTypeName, ProfileObjectType } from './shapes.ts';

/**
 * Shows an object type that was defined. One that is a template's and needs no definition is not
 * found.
 */
export const getProfileObjectType = operation({
  name: 'GetProfileObjectType',
  method: 'GET',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}',
  input: structure(ObjectTypeName),
  output: ProfileObjectType,
  async handler({ repository, caller }, { DomainName: domainName, ObjectTypeName: name }) {
    return repository.read(async (session) => {
      const domain = { accountId: caller.accountId, domainName };
      const found = await readObjectType(session, domain, name);
      if (found === undefined) throw domainNotFound(domainName);
      if (found.row === undefined) throw objectTypeNotFound(name);
      return describeObjectType(found.row, await reservedObjectCount(session, found.domainId));
    });
  },
});
