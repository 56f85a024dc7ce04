import type * as z from 'zod';
import type { ObjectTypeMapping } from '../../identity/object-type.ts';
import { templates } from '../../identity/templates.ts';
import type { ObjectTypeRow } from '../../repository/object-types.ts';
import { toTimestamp } from '../domains/settings.ts';
import type { ObjectTypeDefinition, ProfileObjectType } from './shapes.ts';

/** Amazon's guide, "Service quotas": the objects of a profile. */
const PROFILE_OBJECTS_MAX = 1_000;

/** The definition that a row holds. */
export function definitionOf({ definition }: Pick<ObjectTypeRow, 'definition'>) {
  // What was stored went through the shapes of PutProfileObjectType.
  return JSON.parse(definition) as ObjectTypeDefinition;
}

/** How objects of a type become parts of profiles: as its template says, or it itself. */
export function mappingOf(definition: ObjectTypeDefinition): ObjectTypeMapping {
  const { TemplateId, AllowProfileCreation = false, Fields = {}, Keys = {} } = definition;
  const template = TemplateId === undefined ? undefined : templates.get(TemplateId);
  const { SourceLastUpdatedTimestampFormat } = definition;
  return (
    template?.mapping ?? {
      AllowProfileCreation,
      SourceLastUpdatedTimestampFormat,
      Fields,
      Keys,
    }
  );
}

/**
 * How many objects of a profile are left for a type: those that no other type of its domain reserves.
 *
 * @param reserved by all types of the domain, this one included.
 */
export function availableObjects(
  { MaxProfileObjectCount = 0 }: ObjectTypeDefinition,
  reserved: number,
): number {
  return Math.max(0, PROFILE_OBJECTS_MAX - (reserved - MaxProfileObjectCount));
}

/** An object type as PutProfileObjectType and GetProfileObjectType show it. */
export function describeObjectType(
  row: ObjectTypeRow,
  reserved: number,
): z.output<typeof ProfileObjectType> {
  const definition = definitionOf(row);
  const { AllowProfileCreation, SourceLastUpdatedTimestampFormat, Fields, Keys } =
    mappingOf(definition);
  return {
    ...definition,
    ObjectTypeName: row.objectTypeName,
    AllowProfileCreation,
    SourceLastUpdatedTimestampFormat,
    Fields: Fields as ObjectTypeDefinition['Fields'],
    Keys: Keys as ObjectTypeDefinition['Keys'],
    MaxAvailableProfileObjectCount: availableObjects(definition, reserved),
    CreatedAt: toTimestamp(row.createdAt),
    LastUpdatedAt: toTimestamp(row.updatedAt),
  };
}
