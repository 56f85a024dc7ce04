import { keyTypesOf } from '../../identity/object-keys.ts';
import { isFreeTypeName, mappingProblem } from '../../identity/object-type-rules.ts';
import { templates } from '../../identity/templates.ts';
import { badRequest, domainNotFound } from '../../model/errors.ts';
import { operation, type Quotas } from '../../model/operation.ts';
import { replaceKeyTypes } from '../../repository/key-types.ts';
import {
  insertObjectType,
  lockObjectTypes,
  type ObjectTypeRow,
  objectTypeCount,
  readObjectType,
  reservedObjectCount,
  updateObjectTypeDefinition,
} from '../../repository/object-types.ts';
import type { WriteSession } from '../../repository/session.ts';
import { definitionOf, describeObjectType, mappingOf } from './definition.ts';
import { beingDeleted } from './resolve.ts';
import {
  type ObjectTypeDefinition,
  ProfileObjectType,
  PutProfileObjectTypeRequest,
} from './shapes.ts';

/** The model bounds no map of fields; a page of types must still fit into memory. */
const DEFINITION_BYTES_MAX = 250 * 1024;

/** Amazon's guide: these come from the template, and can't be given with one. */
const templateMembers = ['SourceLastUpdatedTimestampFormat', 'Fields', 'Keys'] as const;

/** @throws ServiceError BadRequestException. */
function checkTemplate(definition: ObjectTypeDefinition, templateId: string): void {
  if (!templates.has(templateId)) throw badRequest(`Template ${templateId} does not exist`);
  const given = templateMembers.find((member) => definition[member] !== undefined);
  if (given !== undefined) throw badRequest(`${given} can't be given with a TemplateId`);
  if (definition.AllowProfileCreation)
    throw badRequest("AllowProfileCreation can't be true with a TemplateId");
}

/**
 * Checks what the shapes can't say.
 *
 * @throws ServiceError BadRequestException.
 */
function checkDefinition(name: string, definition: ObjectTypeDefinition, quotas: Quotas): void {
  if (!isFreeTypeName(name))
    throw badRequest(`Object type names that begin with _ are reserved, and ${name} is not one`);
  const { TemplateId } = definition;
  if (TemplateId !== undefined) {
    checkTemplate(definition, TemplateId);
    return;
  }
  const problem = mappingProblem(mappingOf(definition), quotas.objectTypeKeys);
  if (problem !== undefined) throw badRequest(problem);
}

/** An empty key is none; the tags of a type that is there stay (they are TagResource's). */
function encode(definition: ObjectTypeDefinition, before: ObjectTypeRow | undefined): string {
  const { EncryptionKey, Tags, ...rest } = definition;
  const text = JSON.stringify({
    ...rest,
    EncryptionKey: EncryptionKey || undefined,
    Tags: before === undefined ? Tags : definitionOf(before).Tags,
  });
  if (Buffer.byteLength(text) > DEFINITION_BYTES_MAX)
    throw badRequest(`The object type is larger than ${DEFINITION_BYTES_MAX} bytes`);
  return text;
}

/** @throws ServiceError BadRequestException when the domain has as many types as it may. */
async function insertWithinQuota(session: WriteSession, row: ObjectTypeRow, quota: number) {
  await insertObjectType(session, row);
  if (quota === Number.POSITIVE_INFINITY) return;
  const others = (await objectTypeCount(session, row.domainId)) - 1;
  if (others >= quota)
    throw badRequest(`The domain has ${others} object types, and the quota is ${quota}`);
}

/**
 * Defines an object type, or replaces its definition as a whole. Its time of creation and its tags
 * stay: tags are validated and otherwise ignored when it is there already.
 */
export const putProfileObjectType = operation({
  name: 'PutProfileObjectType',
  method: 'PUT',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}',
  input: PutProfileObjectTypeRequest,
  output: ProfileObjectType,
  async handler({ repository, caller, quotas, now }, input) {
    const { DomainName: domainName, ObjectTypeName: objectTypeName, ...definition } = input;
    const domain = { accountId: caller.accountId, domainName };
    return repository.write(async (session) => {
      const domainId = await lockObjectTypes(session, domain);
      if (domainId === undefined) throw domainNotFound(domainName);
      checkDefinition(objectTypeName, definition, quotas);
      const found = await readObjectType(session, domain, objectTypeName);
      if (found?.isBeingDeleted) throw beingDeleted(objectTypeName);
      const before = found?.row;
      const row = {
        domainId,
        objectTypeName,
        definition: encode(definition, before),
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
      };
      if (before === undefined) await insertWithinQuota(session, row, quotas.objectTypes);
      else
        await updateObjectTypeDefinition(
          session,
          domainId,
          objectTypeName,
          before.definition,
          row.definition,
          now,
        );
      await replaceKeyTypes(session, row, keyTypesOf(mappingOf(definition)));
      return describeObjectType(row, await reservedObjectCount(session, domainId));
    });
  },
});
