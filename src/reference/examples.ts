import { type JsonSchema, schemaName } from './json-schema.ts';
import type { OpenApiDocument, OperationObject } from './openapi.ts';

/** Texts for shapes whose pattern asks for more than a word. */
const texts: Readonly<Record<string, string>> = {
  RoleArn: 'arn:aws:iam::000000000000:role/example',
  TagArn: 'arn:aws:profile:us-east-1:000000000000:domains/example',
  stringifiedJson: '{"id": "1"}',
  uuid: '0123456789abcdef0123456789abcdef',
};

/** A valid value of a schema with nothing in it that may be absent. */
function exampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): unknown {
  const name = schemaName(schema);
  const {
    type,
    properties = {},
    required = [],
    items,
    ...own
  } = name ? (schemas[name] ?? {}) : schema;
  switch (type) {
    case 'string':
      return own.enum?.[0] ?? texts[name ?? ''] ?? 'example';
    case 'integer':
    case 'number':
      return own.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return items === undefined ? [] : [exampleOf(items, schemas)];
    default:
      if (own.additionalProperties !== undefined)
        return { example: exampleOf(own.additionalProperties, schemas) };
      return Object.fromEntries(
        required.map((member) => [member, exampleOf(properties[member] ?? {}, schemas)]),
      );
  }
}

/** A request that an operation would take, by where its parts travel. */
export interface ExampleRequest {
  readonly path: Readonly<Record<string, unknown>>;
  /** By the names in the query, not by those of the members. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Undefined for an operation without a body. */
  readonly body: unknown;
}

/** The smallest valid request of an operation. */
export function exampleRequest(
  { parameters = [], requestBody }: OperationObject,
  { components: { schemas } }: OpenApiDocument,
): ExampleRequest {
  const of = (place: 'path' | 'query') =>
    Object.fromEntries(
      parameters
        .filter((parameter) => parameter.in === place && parameter.required)
        .map(({ name, schema }) => [name, exampleOf(schema, schemas)]),
    );
  const body = requestBody && exampleOf(requestBody.content['application/json'].schema, schemas);
  return { path: of('path'), query: of('query'), body };
}
