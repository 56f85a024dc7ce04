import type { ObjectTypeMapping } from '../../identity/object-type.ts';
import { templates } from '../../identity/templates.ts';
import { badRequest, type ServiceError } from '../../model/errors.ts';
import type { DomainName } from '../../repository/domains.ts';
import {
  type FoundObjectType,
  holdObjectType,
  readObjectType,
} from '../../repository/object-types.ts';
import type { Session, WriteSession } from '../../repository/session.ts';
import { definitionOf, mappingOf } from './definition.ts';
import type { ObjectTypeDefinition } from './shapes.ts';

/** What applies to the objects of a type. */
export interface EffectiveObjectType {
  readonly domainId: string;
  readonly objectTypeName: string;
  readonly mapping: ObjectTypeMapping;
  /** The type's own, or else the domain's. */
  readonly expirationDays: number;
  /** How many objects of the type a profile may have; undefined when the type doesn't say. */
  readonly maxProfileObjectCount: number | undefined;
  /** Lower wins where sources contradict one another; Infinity when the type doesn't say. */
  readonly sourcePriority: number;
  /** When the type was last defined: milliseconds since the epoch. Undefined for a template's own. */
  readonly definedAt: number | undefined;
}

/**
 * For what needs an object type whose last objects are still being removed. The words are those by
 * which clients of the cloud service know a request that is worth repeating.
 */
export function beingDeleted(objectTypeName: string): ServiceError {
  return badRequest(
    `Object type ${objectTypeName} is being deleted: concurrent update in-progress. Try again later`,
  );
}

/** Amazon's guide: a template's id is an object type that needs no definition, and may have one. */
function mappingUnder(
  objectTypeName: string,
  definition: ObjectTypeDefinition | undefined,
): ObjectTypeMapping | undefined {
  return definition ? mappingOf(definition) : templates.get(objectTypeName)?.mapping;
}

function effective(
  objectTypeName: string,
  found: FoundObjectType | undefined,
): EffectiveObjectType | undefined {
  if (found === undefined) return undefined;
  const { domainId, defaultExpirationDays, row, isBeingDeleted } = found;
  const definition = row && definitionOf(row);
  const mapping = mappingUnder(objectTypeName, definition);
  if (mapping === undefined) return undefined;
  if (isBeingDeleted) throw beingDeleted(objectTypeName);
  return {
    domainId,
    objectTypeName,
    mapping,
    expirationDays: definition?.ExpirationDays ?? defaultExpirationDays,
    maxProfileObjectCount: definition?.MaxProfileObjectCount,
    sourcePriority: definition?.SourcePriority ?? Number.POSITIVE_INFINITY,
    definedAt: row?.updatedAt,
  };
}

/**
 * The object type that applies to an object, by one statement, for a unit that stores the object: the
 * type can't be deleted until the unit ends. Undefined when the domain or the type isn't there. A unit
 * calls this before it touches anything else, so that it and a deletion don't wait for one another.
 *
 * @throws ServiceError BadRequestException while the objects of a deleted template's type are removed.
 */
export async function resolveObjectType(
  session: WriteSession,
  domain: DomainName,
  objectTypeName: string,
): Promise<EffectiveObjectType | undefined> {
  return effective(objectTypeName, await holdObjectType(session, domain, objectTypeName));
}

/** The same for a unit that only reads. */
export async function findEffectiveObjectType(
  session: Session,
  domain: DomainName,
  objectTypeName: string,
): Promise<EffectiveObjectType | undefined> {
  return effective(objectTypeName, await readObjectType(session, domain, objectTypeName));
}

/**
 * How objects of a type map that a profile has. Undefined when the type isn't there, or was deleted and
 * its last objects are still being removed.
 */
export async function findMapping(
  session: Session,
  domain: DomainName,
  objectTypeName: string,
): Promise<ObjectTypeMapping | undefined> {
  const found = await readObjectType(session, domain, objectTypeName);
  if (found === undefined || found.isBeingDeleted) return undefined;
  return mappingUnder(objectTypeName, found.row && definitionOf(found.row));
}
