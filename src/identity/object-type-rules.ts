import type { ObjectTypeField, ObjectTypeKey, ObjectTypeMapping } from './object-type.ts';
import { isStandardField } from './standard-objects.ts';

/** Names joined by dots; `[]` behind one says that it is a list and that its items are meant. */
const path = /^[^.[\]{}]+(?:\[\])?(?:\.[^.[\]{}]+(?:\[\])?)*$/;

/**
 * Whether a source says where in an object a value is: `_source.address.city`, `_source.items[].sku`,
 * the same without `_source.`, or a text with such paths in it, `{{_source.first}} {{_source.last}}`.
 * Nothing else of Handlebars is documented.
 */
export function isSource(source: string): boolean {
  if (!/[{}]/.test(source)) return path.test(source.replace(/^_source\./, ''));
  const [before = '', ...accessors] = source.split('{{');
  return (
    !/[{}]/.test(before) &&
    accessors.every((text) => {
      const [accessor = '', after, ...more] = text.split('}}');
      const [, within] = /^_source\.(.+)$/s.exec(accessor.trim()) ?? [];
      const isPath = within !== undefined && path.test(within);
      return isPath && after !== undefined && !/[{}]/.test(after) && more.length === 0;
    })
  );
}

/** Amazon's guide: the field that says when the source changed an object. */
const TIMESTAMP_FIELD = 'sourceLastUpdatedTimestamp';

function fieldProblem(name: string, { Source, Target }: ObjectTypeField): string | undefined {
  if (Source !== undefined && !isSource(Source))
    return `The Source of field ${name} must be a path such as _source.name, or a text with paths such as {{_source.name}} in it`;
  if (Target !== undefined && !isStandardField(Target))
    return `The Target of field ${name} must be a field of a standard object, such as _profile.FirstName or _profile.Attributes.name`;
  return undefined;
}

function keyProblem(
  name: string,
  { StandardIdentifiers = [], FieldNames = [] }: ObjectTypeKey,
  fields: ObjectTypeMapping['Fields'],
): string | undefined {
  if (FieldNames.length === 0) return `Key ${name} must have at least one field`;
  const unknown = FieldNames.find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined) return `Key ${name} has the field ${unknown}, which is not in Fields`;
  if (StandardIdentifiers.includes('UNIQUE') && StandardIdentifiers.includes('LOOKUP_ONLY'))
    return `Key ${name} can't be both UNIQUE and LOOKUP_ONLY`;
  return undefined;
}

function* problems(mapping: ObjectTypeMapping, keysMax: number): Generator<string | undefined> {
  const { Fields, Keys, SourceLastUpdatedTimestampFormat } = mapping;
  for (const [name, field] of Object.entries(Fields)) yield fieldProblem(name, field);
  if (Object.hasOwn(Fields, TIMESTAMP_FIELD) && SourceLastUpdatedTimestampFormat === undefined)
    yield `The field ${TIMESTAMP_FIELD} needs a SourceLastUpdatedTimestampFormat`;
  for (const [name, keys] of Object.entries(Keys)) {
    if (keys.length === 0) yield `Key ${name} must have at least one definition`;
    for (const key of keys) yield keyProblem(name, key, Fields);
  }
  const keys = Object.values(Keys).flat();
  const unique = keys.filter(({ StandardIdentifiers }) => StandardIdentifiers?.includes('UNIQUE'));
  if (unique.length !== 1)
    yield `Exactly one key must have the standard identifier UNIQUE, not ${unique.length}`;
  if (keys.length > keysMax)
    yield `The object type has ${keys.length} keys, and the quota is ${keysMax}`;
}

/**
 * The first thing that is wrong with a mapping, in words for its author, or undefined. Amazon's guide
 * has the rules: where sources and targets may point, exactly one unique key, keys of fields that are
 * there.
 *
 * @param keysMax how many keys it may have.
 */
export function mappingProblem(mapping: ObjectTypeMapping, keysMax: number): string | undefined {
  for (const problem of problems(mapping, keysMax)) if (problem !== undefined) return problem;
  return undefined;
}

/** `HOTEL_STAY_REVENUE` names the standard object `_hotelStayRevenue`. */
const standardTypes = new Set([
  '_airBooking',
  '_airPreference',
  '_airSegment',
  '_asset',
  '_case',
  '_catalogItem',
  '_communicationRecord',
  '_device',
  '_hotelPreference',
  '_hotelReservation',
  '_hotelStayRevenue',
  '_loyalty',
  '_loyaltyPromotion',
  '_loyaltyTransaction',
  '_order',
  '_profile',
  '_webAnalytics',
]);

/**
 * Whether an object type may have this name. Amazon's guide: an underscore in front is the service's
 * own, for the standard objects.
 */
export function isFreeTypeName(name: string): boolean {
  return !name.startsWith('_') || standardTypes.has(name);
}
