import { isAttributeValue } from './attribute-values.ts';
import type { ObjectTypeMapping } from './object-type.ts';
import { type ObjectDocument, type ObjectValue, sourceValue } from './object-values.ts';

/** The model: the longest value of an object type's attribute, in code points. */
const VALUE_MAX = 1_000;
/** How many attributes of a type are told: objects of data come with thousands of members. */
const ATTRIBUTES_MAX = 1_000;

/** The model: what the name of an attribute can be where attributes are listed. */
const listedName = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * The text of an attribute in an object: of the type's field of that name, or else of what a field's
 * Source of that name would find, be it a member or a path such as `address.city`.
 */
function attributeText(
  { Fields }: Pick<ObjectTypeMapping, 'Fields'>,
  object: ObjectDocument,
  name: string,
): string | undefined {
  const source = Object.hasOwn(Fields, name) ? Fields[name]?.Source : undefined;
  return sourceValue(object, source ?? name);
}

/**
 * The value of an attribute in an object; undefined when it has none that can be shown. Lists and
 * objects are no values, only what is in them.
 */
export function attributeValue(
  mapping: Pick<ObjectTypeMapping, 'Fields'>,
  object: ObjectDocument,
  name: string,
): string | undefined {
  const text = attributeText(mapping, object, name);
  return text !== undefined && isAttributeValue(text, VALUE_MAX) ? text : undefined;
}

function isScalar(value: ObjectValue | undefined): boolean {
  return typeof value === 'string' ? value !== '' : typeof value === 'boolean';
}

/**
 * The attributes of an object type: its fields, and the members of its objects that are texts, numbers,
 * true or false. It is told of objects newest first. Names that the API can't show are left out; their
 * values can be asked for.
 */
export class ObjectAttributes {
  readonly #mapping: Pick<ObjectTypeMapping, 'Fields'>;
  /** Fields that no object has had so far. */
  readonly #awaited: Set<string>;
  readonly #times = new Map<string, number>();

  constructor(mapping: Pick<ObjectTypeMapping, 'Fields'>) {
    this.#mapping = mapping;
    const names = Object.keys(mapping.Fields).filter((name) => listedName.test(name));
    this.#awaited = new Set(names.slice(0, ATTRIBUTES_MAX));
  }

  /** @param updatedAt of the object: milliseconds since the epoch. */
  add(object: ObjectDocument, updatedAt: number): void {
    for (const name of this.#awaited)
      if (attributeText(this.#mapping, object, name) !== undefined) {
        this.#awaited.delete(name);
        this.#times.set(name, updatedAt);
      }
    for (const name of Object.keys(object)) {
      if (this.#awaited.size + this.#times.size >= ATTRIBUTES_MAX) break;
      if (this.#times.has(name) || Object.hasOwn(this.#mapping.Fields, name)) continue;
      if (listedName.test(name) && isScalar(object[name])) this.#times.set(name, updatedAt);
    }
  }

  /**
   * The attributes by name, each with when the newest object that has it was written.
   *
   * @param definedAt when the type was: the time of fields that no object has. They are left out where
   *   nobody has defined the type.
   */
  list(definedAt: number | undefined): { readonly name: string; readonly updatedAt: number }[] {
    const times = new Map(this.#times);
    if (definedAt !== undefined) for (const name of this.#awaited) times.set(name, definedAt);
    return Array.from(times, ([name, updatedAt]) => ({ name, updatedAt })).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }
}
