import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { type ExampleRequest, exampleRequest } from './examples.ts';
import { type JsonSchema, schemaName } from './json-schema.ts';
import type { OpenApiDocument, OperationObject, Parameter } from './openapi.ts';
import { pageStyle } from './page-style.ts';

type Html = ReturnType<typeof html>;

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** Nothing is loaded from anywhere, no script runs, and no page may frame this one. */
export const PAGE_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** An operation with what it is reached by. */
interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

function entriesOf({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

const schemaId = (name: string) => `shape-${name}`;

function range(unit: string, min: number | undefined, max: number | undefined): string[] {
  if (min === undefined && max === undefined) return [];
  if (max === undefined) return [`at least ${min} ${unit}`];
  return [min === undefined ? `at most ${max} ${unit}` : `${min} to ${max} ${unit}`];
}

/** The constraints of a schema in words. */
function constraintsOf(schema: JsonSchema): (string | Html)[] {
  return [
    ...range('characters', schema.minLength, schema.maxLength),
    ...range('', schema.minimum, schema.maximum).map((text) => text.trimEnd()),
    ...range('items', schema.minItems, schema.maxItems),
    ...range('entries', schema.minProperties, schema.maxProperties),
    ...(schema.enum
      ? [html`one of ${joined(schema.enum.map((value) => html`<code>${value}</code>`))}`]
      : []),
    ...(schema.pattern === undefined ? [] : [html`matches <code>${schema.pattern}</code>`]),
    ...(schema.description === undefined ? [] : [schema.description]),
  ];
}

function joined(parts: readonly (string | Html)[]): Html[] {
  return parts.map((part, index) => html`${index === 0 ? '' : ', '}${part}`);
}

function linkTo(schema: JsonSchema): Html {
  const name = schemaName(schema);
  if (name === undefined) return html`${schema.type ?? ''}`;
  return html`<a href="#${schemaId(name)}">${name}</a>`;
}

/** What a value of a schema is: `list of uuid`. */
function typeOf(schema: JsonSchema): Html {
  if (schema.items) return html`list of ${linkTo(schema.items)}`;
  if (schema.propertyNames && schema.additionalProperties)
    return html`map from ${linkTo(schema.propertyNames)} to ${linkTo(schema.additionalProperties)}`;
  if (schema.type === 'object') return html`structure`;
  return html`${schema.format ?? schema.type ?? ''}`;
}

interface Row {
  readonly name: string;
  readonly place: string;
  readonly isRequired: boolean;
  readonly schema: JsonSchema;
}

function table(caption: string, rows: readonly Row[], { components }: OpenApiDocument): Html {
  if (rows.length === 0) return html``;
  return html`<table><caption class="quiet">${caption}</caption>
<thead><tr><th scope="col">Member</th><th scope="col">In</th><th scope="col">Shape</th><th scope="col">Constraints</th></tr></thead>
<tbody>${rows.map(({ name, place, isRequired, schema }) => {
    const target = components.schemas[schemaName(schema) ?? ''] ?? schema;
    return html`<tr><th scope="row"><code>${name}</code>${isRequired ? ' (required)' : ''}</th><td class="place">${place}</td><td>${linkTo(schema)}</td><td>${joined(constraintsOf(target))}</td></tr>
`;
  })}</tbody></table>`;
}

function memberRows(schema: JsonSchema | undefined, place: string): Row[] {
  const required = new Set(schema?.required);
  return Object.entries(schema?.properties ?? {}).map(([name, member]) => ({
    name,
    place,
    isRequired: required.has(name),
    schema: member,
  }));
}

function parameterRows(parameters: readonly Parameter[]): Row[] {
  return parameters.map(({ name, in: place, required, schema }) => ({
    name,
    place,
    isRequired: required,
    schema,
  }));
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl({ method, path }: Entry, request: ExampleRequest, isSigned: boolean): string {
  const filled = path.replace(/\{(\w{1,64})\}/g, (_, name) =>
    encodeURIComponent(String(request.path[name])),
  );
  const parameters = Object.entries(request.query).flatMap(([name, value]) =>
    [value].flat().map((item): [string, string] => [name, String(item)]),
  );
  const query = parameters.length > 0 ? `?${new URLSearchParams(parameters)}` : '';
  const lines = [`curl -X ${method} "$KEYFOLD${filled}${query}"`];
  if (isSigned)
    lines.push(
      '--aws-sigv4 aws:amz:us-east-1:profile --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
    );
  if (request.body !== undefined)
    lines.push(
      "-H 'Content-Type: application/json'",
      `-d ${shellQuoted(JSON.stringify(request.body))}`,
    );
  return lines.join(' \\\n  ');
}

/** The input as the SDKs take it: members of the query have names of their own there. */
function sdkInput({ operation: { parameters = [] } }: Entry, request: ExampleRequest): object {
  const renamed = Object.entries(request.query).map(([name, value]) => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    return [parameter?.['x-member'] ?? name, value];
  });
  return {
    ...request.path,
    ...Object.fromEntries(renamed),
    ...(request.body as object | undefined),
  };
}

function snippets(entry: Entry, document: OpenApiDocument): Html {
  const request = exampleRequest(entry.operation, document);
  const name = `${entry.operation.operationId}Command`;
  const isSigned = document.security.every((scheme) => 'sigv4' in scheme);
  const input = JSON.stringify(sdkInput(entry, request), null, 2);
  // Without credentials the SDK sends nothing; real ones come from the environment.
  const credentials = isSigned
    ? ''
    : "\n  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },";
  return html`<details><summary>Examples for ${entry.operation.operationId}</summary>
<pre tabindex="0"><code>${curl(entry, request, isSigned)}</code></pre>
<pre tabindex="0"><code>import { CustomerProfilesClient, ${name} } from '@aws-sdk/client-customer-profiles';

const client = new CustomerProfilesClient({
  endpoint: process.env.KEYFOLD,
  region: 'us-east-1',${credentials}
});
await client.send(new ${name}(${input}));</code></pre></details>`;
}

function operationSection(entry: Entry, document: OpenApiDocument): Html {
  const { method, path, operation } = entry;
  const { operationId: id, parameters = [], requestBody, responses, externalDocs } = operation;
  const { schemas } = document.components;
  const body = schemas[schemaName(requestBody?.content['application/json'].schema ?? {}) ?? ''];
  const output = schemas[schemaName(responses[200].content['application/json'].schema) ?? ''];
  const errors = Object.keys(responses).filter((status) => status !== '200');
  return html`<section class="operation" aria-labelledby="${id}"><h3 id="${id}">${id}</h3>
<p class="request"><span class="method">${method}</span> <code>${path}</code> · <a href="${externalDocs.url}">Amazon’s reference</a></p>
${table('Request', [...parameterRows(parameters), ...memberRows(body, 'body')], document)}
${table('Answer', memberRows(output, 'body'), document)}
<p class="quiet">Errors: ${joined(errors.map((status) => html`<a href="#error-${status}">${status}</a>`))}</p>
${snippets(entry, document)}</section>
`;
}

function schemaSection(name: string, schema: JsonSchema, document: OpenApiDocument): Html {
  const rows = memberRows(schema, 'body');
  const constraints = constraintsOf(schema);
  return html`<section aria-labelledby="${schemaId(name)}"><h3 id="${schemaId(name)}">${name}</h3>
<p>${joined([typeOf(schema), ...constraints])}</p>${table('Members', rows, document)}</section>
`;
}

function errorRows({ components: { responses } }: OpenApiDocument): Html {
  return html`<table><caption class="quiet">Errors of every operation; <code>x-amzn-errortype</code> has the code</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Codes</th></tr></thead>
<tbody>${Object.entries(responses).map(([name, { description }]) => {
    const status = name.slice('Error'.length);
    return html`<tr><th scope="row" id="error-${status}">${status}</th><td>${description}</td></tr>
`;
  })}</tbody></table>`;
}

/** The reference of an OpenAPI document: one page that is complete in itself. */
export function referencePage(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const groups = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags[0]);
  const operationLink = ({ operation: { operationId: id } }: Entry) =>
    html`<li><a href="#${id}">${id}</a></li>`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} ${info.version}: API reference</title><style>${raw(pageStyle)}</style></head>
<body><a class="skip" href="#main">Skip to the operations</a>
<nav aria-label="Operations">${tags.map(({ name }) => html`<h2>${name}</h2><ul>${(groups.get(name) ?? []).map(operationLink)}</ul>`)}
<h2><a href="#errors">Errors</a></h2><h2><a href="#shapes">Shapes</a></h2></nav>
<main id="main"><h1>${info.title} ${info.version}</h1>
<p>${info.description.replaceAll('`', '')}</p>
<p>This page as a document: <a href="openapi.json">openapi.json</a>. In the examples the variable <code>KEYFOLD</code> is the address of this server.</p>
${tags.map(
  ({ name, description }) => html`<h2>${name}</h2><p class="quiet">${description}</p>
${(groups.get(name) ?? []).map((entry) => operationSection(entry, document))}`,
)}
<h2 id="errors">Errors</h2>${errorRows(document)}
<h2 id="shapes">Shapes</h2>${Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema, document))}
</main></body></html>
`;
  return page.toString();
}
