import type * as z from 'zod';
import { type ShapeInfo, shapeInfo } from '../model/shapes.ts';
import { shapeNames } from './shape-names.ts';

/** The part of JSON Schema (2020-12) that shapes of the API need. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly 'x-sensitive'?: boolean;
}

const SENSITIVE = 'Sensitive: no error message and no log repeats it.';

/** Undefined bounds are left out, so that equal shapes give equal schemas. */
function bounds(names: readonly [min: string, max: string], { min, max }: ShapeInfo) {
  return {
    ...(min !== undefined && { [names[0]]: min }),
    ...(max !== undefined && { [names[1]]: max }),
  };
}

const COMPONENT = '#/components/schemas/';

/** What a schema that was made once is called where it is used. */
export function refTo(name: string): JsonSchema {
  return { $ref: `${COMPONENT}${name}` };
}

/** The name of the schema that another one refers to; undefined when it is one itself. */
export function schemaName({ $ref }: JsonSchema): string | undefined {
  return $ref?.slice(COMPONENT.length);
}

/** The members of a shape that travel in bodies, with the names of their shapes. */
function bodyMembers(info: ShapeInfo): [string, z.ZodType][] {
  return Object.entries(info.members ?? {}).filter(
    ([, member]) => shapeInfo(member).location === undefined,
  );
}

/** The schemas of all shapes that were asked for, each once, under the model's name. */
export class SchemaCatalogue {
  readonly #schemas = new Map<string, JsonSchema>();

  /** By name, in alphabetical order. */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    const entries = [...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  }

  /**
   * A reference to the schema of a shape, and the schema in the catalogue. Of an operation's input or
   * output it has the members that are in the body.
   */
  add(shape: z.ZodType, name: string): JsonSchema {
    if (!this.#schemas.has(name)) {
      // Before its members are looked at, which might lead back to it.
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#describe(shapeInfo(shape), name));
    }
    return refTo(name);
  }

  #part(name: string, part: string, shape: z.ZodType | undefined): JsonSchema {
    const target = shapeNames.parts[name]?.[part];
    if (shape === undefined || target === undefined)
      throw new Error(`${name} has no ${part} in the names of shapes: npm run readme writes them`);
    return this.add(shape, target);
  }

  #describe(info: ShapeInfo, name: string): JsonSchema {
    const schema = this.#constraints(info, name);
    return info.sensitive ? { ...schema, description: SENSITIVE, 'x-sensitive': true } : schema;
  }

  #constraints(info: ShapeInfo, name: string): JsonSchema {
    switch (info.kind) {
      case 'string':
        return {
          type: 'string',
          ...bounds(['minLength', 'maxLength'], info),
          ...(info.pattern && { pattern: info.pattern.source }),
          ...(info.enum && { enum: info.enum }),
        };
      case 'integer':
      case 'long':
        return {
          type: 'integer',
          format: info.kind === 'integer' ? 'int32' : 'int64',
          ...bounds(['minimum', 'maximum'], info),
        };
      case 'double':
        return { type: 'number', format: 'double', ...bounds(['minimum', 'maximum'], info) };
      case 'boolean':
        return { type: 'boolean' };
      case 'timestamp':
        return {
          type: 'number',
          description: 'Seconds since the epoch, with milliseconds as the fraction.',
        };
      case 'list':
        return {
          type: 'array',
          items: this.#part(name, 'member', info.member),
          ...bounds(['minItems', 'maxItems'], info),
        };
      case 'map':
        return {
          type: 'object',
          propertyNames: this.#part(name, 'key', info.key),
          additionalProperties: this.#part(name, 'member', info.member),
          ...bounds(['minProperties', 'maxProperties'], info),
        };
      case 'structure':
        return this.#structure(info, name);
    }
  }

  #structure(info: ShapeInfo, name: string): JsonSchema {
    const members = bodyMembers(info);
    const required = members.filter(([, member]) => !shapeInfo(member).optional);
    return {
      type: 'object',
      properties: Object.fromEntries(
        members.map(([member, shape]) => [member, this.#part(name, member, shape)]),
      ),
      ...(required.length > 0 && { required: required.map(([member]) => member) }),
    };
  }
}
