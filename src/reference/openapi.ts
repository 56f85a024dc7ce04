import type * as z from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import type { Operation } from '../model/operation.ts';
import { type ShapeInfo, shapeInfo } from '../model/shapes.ts';
import { errorCodesByStatus, isProtocolErrorCode } from '../protocol/errors.ts';
import { describeGroup, groupOf } from './groups.ts';
import { type JsonSchema, refTo, SchemaCatalogue } from './json-schema.ts';
import { shapeNames } from './shape-names.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly style?: 'form';
  readonly explode?: boolean;
  readonly schema: JsonSchema;
  /** What the SDKs call a parameter of the query. */
  readonly 'x-member'?: string;
}

interface Content {
  readonly 'application/json': { readonly schema: JsonSchema };
}

export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly externalDocs: { readonly url: string };
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  /** By status: 200 for what is done, and references to the components for errors. */
  readonly responses: {
    readonly 200: {
      readonly description: string;
      readonly headers: object;
      readonly content: Content;
    };
    readonly [error: number]: object;
  };
}

interface ErrorResponse {
  readonly description: string;
  readonly headers: object;
  readonly content: Content;
}

/** An OpenAPI document, as far as this one goes. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** By path, and then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly responses: Readonly<Record<string, ErrorResponse>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

const description = [
  'The Amazon Connect Customer Profiles API (2020-08-15, restJson1), as far as Keyfold implements it.',
  'Every path may have `/v1` in front. A member that is `null` counts as absent, and members that the',
  'service does not know are ignored. Lengths of strings are Unicode code points.',
].join(' ');

/** `BatchGetProfile` as `Batch get profile`. */
function summaryOf(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function jsonContent(schema: JsonSchema): Content {
  return { 'application/json': { schema } };
}

/** Errors that no operation ends with: there is none at the path. */
const notOfOperations: ReadonlySet<string> = new Set([
  'NotImplementedException',
  'UnknownOperationException',
]);

/** The codes that an operation may end with, by status. */
function operationErrors(): [status: number, codes: string[]][] {
  return [...errorCodesByStatus()]
    .map(([status, codes]): [number, string[]] => [
      status,
      codes.filter((code) => !notOfOperations.has(code)),
    ])
    .filter(([, codes]) => codes.length > 0)
    .sort(([a], [b]) => a - b);
}

const errorSchemas: Readonly<Record<'ServiceError' | 'ProtocolError', JsonSchema>> = {
  ServiceError: {
    type: 'object',
    description: 'An error of the model.',
    properties: { Message: { type: 'string' } },
    required: ['Message'],
  },
  ProtocolError: {
    type: 'object',
    description: 'An error of the protocol, before an operation was reached.',
    properties: { message: { type: 'string' } },
    required: ['message'],
  },
};

const requestIdHeader = { 'x-amzn-RequestId': { $ref: '#/components/headers/RequestId' } };

function errorResponse(codes: readonly string[]): ErrorResponse {
  const names = [
    ...(codes.some((code) => !isProtocolErrorCode(code)) ? ['ServiceError'] : []),
    ...(codes.some(isProtocolErrorCode) ? ['ProtocolError'] : []),
  ];
  const schemas = names.map(refTo);
  const [first = {}] = schemas;
  return {
    description: codes.join(', '),
    headers: {
      ...requestIdHeader,
      'x-amzn-errortype': {
        description: 'The code of the error.',
        required: true,
        schema: { type: 'string', enum: codes },
      },
    },
    content: jsonContent(schemas.length === 1 ? first : { anyOf: schemas }),
  };
}

const responseOf = (status: number) => `Error${status}`;

/** The parameters of an operation, those of the path first. */
function parametersOf(input: z.ZodType, name: string, catalogue: SchemaCatalogue): Parameter[] {
  const parameter = (member: string, shape: z.ZodType): Parameter | undefined => {
    const { location, kind, optional = false }: ShapeInfo = shapeInfo(shape);
    if (location?.in !== 'label' && location?.in !== 'query') return undefined;
    const target = shapeNames.parts[name]?.[member];
    if (target === undefined) throw new Error(`${name}.${member} is not in the names of shapes`);
    const schema = catalogue.add(shape, target);
    if (location.in === 'label') return { name: member, in: 'path', required: true, schema };
    const list = kind === 'list' ? { style: 'form' as const, explode: true } : {};
    return {
      name: location.name,
      in: 'query',
      required: !optional,
      description: `The member ${member} of the SDKs.`,
      ...list,
      schema,
      'x-member': member,
    };
  };
  return Object.entries(shapeInfo(input).members ?? {})
    .flatMap(([member, shape]) => parameter(member, shape) ?? [])
    .sort((a, b) => Number(a.in === 'query') - Number(b.in === 'query'));
}

function operationObject(
  { name, path, input, output }: Operation,
  catalogue: SchemaCatalogue,
  errors: readonly number[],
): OperationObject {
  const names = shapeNames.operations[name];
  if (names === undefined) throw new Error(`${name} is not in the names of shapes`);
  const parameters = parametersOf(input, names.input, catalogue);
  const members = Object.values(shapeInfo(input).members ?? {}).map(shapeInfo);
  const inBody = members.filter(({ location }) => location === undefined);
  const body = inBody.length > 0 && {
    requestBody: {
      required: inBody.some(({ optional }) => !optional),
      content: jsonContent(catalogue.add(input, names.input)),
    },
  };
  const failures = errors
    .filter((status) => status !== 415 || body !== false)
    .map((status) => [status, { $ref: `#/components/responses/${responseOf(status)}` }]);
  return {
    operationId: name,
    summary: summaryOf(name),
    tags: [groupOf(path)],
    externalDocs: {
      url: `https://docs.aws.amazon.com/customerprofiles/latest/APIReference/API_${name}.html`,
    },
    ...(parameters.length > 0 && { parameters }),
    ...body,
    responses: {
      200: {
        description: 'It is done.',
        headers: requestIdHeader,
        content: jsonContent(catalogue.add(output, names.output)),
      },
      ...Object.fromEntries(failures),
    },
  };
}

const components = {
  securitySchemes: {
    sigv4: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description:
        'AWS Signature Version 4 for the service `profile`, as the SDKs and the AWS CLI sign; in the query as well.',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    },
  },
  headers: {
    RequestId: {
      description: 'Names the request in the log.',
      required: true,
      schema: { type: 'string' },
    },
  },
} as const;

/** What a service says of itself in its document. */
export interface DescribedService {
  readonly operations: readonly Operation[];
  /** Whether requests must be signed. */
  readonly isAuthenticated: boolean;
}

/**
 * The OpenAPI document of a registry: every operation with all constraints of its shapes, which have the
 * names of the model.
 */
export function openApiDocument({
  operations,
  isAuthenticated,
}: DescribedService): OpenApiDocument {
  const catalogue = new SchemaCatalogue();
  const errors = operationErrors();
  const statuses = errors.map(([status]) => status);
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    const methods = paths[operation.path] ?? {};
    methods[operation.method.toLowerCase()] = operationObject(operation, catalogue, statuses);
  }
  const groups = [...new Set(operations.map(({ path }) => groupOf(path)))];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Keyfold',
      version: manifest.version,
      description,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: isAuthenticated ? [{ sigv4: [] }] : [{}, { sigv4: [] }],
    tags: groups.map((name) => ({ name, description: describeGroup(name) })),
    paths,
    components: {
      ...components,
      responses: Object.fromEntries(
        errors.map(([status, codes]) => [responseOf(status), errorResponse(codes)]),
      ),
      schemas: { ...catalogue.schemas, ...errorSchemas },
    },
  };
}
