import { templates } from '../../identity/templates.ts';
import { domainNotFound, objectTypeNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { structure } from '../../model/shapes.ts';
import {
  lockObjectTypes,
  markObjectTypeDeleted,
  removeObjectType,
} from '../../repository/object-types.ts';
import { disableIntegrations } from '../integrations/disable.ts';
import { message } from '../shapes.ts';
import { purgeBatch } from './purge.ts';
import { ObjectTypeName } from './shapes.ts';

/**
 * Deletes an object type with its objects, their keys and the fields of profiles that they have
 * filled; the profiles stay. A template's type needs no definition: deleting it purges its data. Its
 * integrations are disabled (Amazon's guide); what that means here {@link disableIntegrations} says.
 *
 * What one batch doesn't hold the sweeper removes. Until it has, nothing of the type can be stored:
 * the objects of a type that is defined anew would go with the old ones.
 */
export const deleteProfileObjectType = operation({
  name: 'DeleteProfileObjectType',
  method: 'DELETE',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}',
  input: structure(ObjectTypeName),
  output: structure({ Message: message }),
  async handler(context, input) {
    const { repository, caller, now, wakeSweeper } = context;
    const { DomainName: domainName, ObjectTypeName: objectTypeName } = input;
    const isPurged = await repository.write(async (session) => {
      const domain = { accountId: caller.accountId, domainName };
      const domainId = await lockObjectTypes(session, domain);
      if (domainId === undefined) throw domainNotFound(domainName);
      const isRemoved = await removeObjectType(session, domainId, objectTypeName);
      if (!isRemoved && !templates.has(objectTypeName)) throw objectTypeNotFound(objectTypeName);
      await disableIntegrations(session, { ...domain, domainId }, objectTypeName, now);
      const isPurged = await purgeBatch(session, context, { domainId, objectTypeName });
      if (!isPurged) await markObjectTypeDeleted(session, domainId, objectTypeName, now);
      return isPurged;
    });
    if (!isPurged) wakeSweeper();
    return { Message: 'OK' };
  },
});
