import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as sdk from '@aws-sdk/client-customer-profiles';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { shapeInfo } from '../../src/model/shapes.ts';
import { operations } from '../../src/operations/index.ts';
import { notImplemented } from '../../src/operations/not-implemented.ts';
import { parseInput } from '../../src/protocol/decode.ts';
import { exampleRequest } from '../../src/reference/examples.ts';
import { type OpenApiDocument, openApiDocument } from '../../src/reference/openapi.ts';
import { referencePage } from '../../src/reference/page.ts';
import names from '../../src/reference/shape-names.json' with { type: 'json' };
import { temporaryFolder } from '../support/folder.ts';
import { modelShape } from '../support/model.ts';
import { projectFolder } from '../support/process.ts';
import { send, startTestService } from '../support/service.ts';
import { shapeNames } from '../support/shape-names.ts';
import { startSignedService } from '../support/signing.ts';

const run = promisify(execFile);

const document: OpenApiDocument = openApiDocument({ operations, isAuthenticated: true });
const { schemas } = document.components;

function objectOf(name: string) {
  const objects = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const found = objects.find(({ operationId }) => operationId === name);
  if (found === undefined) throw new Error(`${name} is not in the document`);
  return found;
}

describe('the OpenAPI document', () => {
  test('has nothing that a linter would change', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  test('has the methods and paths of the registry, and no others', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, method, path]),
    );
    const registered = operations.map(({ name, method, path }) => [
      name,
      method.toLowerCase(),
      path,
    ]);
    expect(described.sort()).toEqual(registered.sort());
  });

  test('names shapes as the model does (npm run readme writes the names)', () => {
    expect(names).toEqual(shapeNames());
  });

  test.each(operations.map((operation) => ({ ...operation })))(
    '$name has the members that the official SDK sends, each where it travels',
    ({ name, input }) => {
      const { parameters = [], requestBody } = objectOf(name);
      const body = requestBody?.content['application/json'].schema.$ref?.split('/').at(-1) ?? '';
      const described = [
        ...parameters.map((parameter) => parameter['x-member'] ?? parameter.name),
        ...Object.keys(schemas[body]?.properties ?? {}),
      ];
      // A structure of the SDK: its fifth entry has the names of its members.
      type SdkOperation = readonly [...unknown[], input: () => readonly unknown[], output: unknown];
      const known = (sdk as unknown as Record<string, SdkOperation | undefined>)[`${name}$`];
      const theirs = (known?.at(-2) as (() => readonly unknown[]) | undefined)?.()[4];
      // The SDK doesn't have every operation of the model yet.
      const members = (theirs ?? Object.keys(shapeInfo(input).members ?? {})) as string[];
      expect(described.sort()).toEqual([...members].sort());
    },
  );

  test('carries the constraints of the model over', () => {
    for (const [name, schema] of Object.entries(schemas)) {
      if (name === 'ServiceError' || name === 'ProtocolError') continue;
      const shape = modelShape(name);
      expect({ name, enum: schema.enum, isSensitive: schema['x-sensitive'] }).toEqual({
        name,
        enum: shape.enum,
        isSensitive: shape.sensitive,
      });
      // Keyfold takes the ARNs of more partitions.
      if (name !== 'TagArn') expect([name, schema.pattern]).toEqual([name, shape.pattern]);
      if (shape.type === 'string')
        expect([name, schema.minLength, schema.maxLength]).toEqual([name, shape.min, shape.max]);
    }
  });

  test('describes each shape of the model in one way', () => {
    const [small, large] = [operations.slice(0, 1), operations];
    for (const [name, schema] of Object.entries(
      openApiDocument({ operations: small, isAuthenticated: false }).components.schemas,
    ))
      expect(
        openApiDocument({ operations: large, isAuthenticated: false }).components.schemas[name],
      ).toEqual(schema);
  });
});

test.each(operations.map((operation) => ({ ...operation })))(
  'the example of $name is a valid request',
  ({ name, input }) => {
    const { path, query, body } = exampleRequest(objectOf(name), document);
    const members = Object.entries(shapeInfo(input as z.ZodType).members ?? {});
    const renamed = members.flatMap(([member, schema]) => {
      const { location } = shapeInfo(schema);
      return location?.in === 'query' && location.name in query
        ? [[member, query[location.name]]]
        : [];
    });
    const request = { ...path, ...Object.fromEntries(renamed), ...(body as object | undefined) };
    expect(() => parseInput(input, request)).not.toThrow();
  },
);

describe('the reference page', () => {
  let page: string;
  beforeAll(() => {
    page = referencePage(document);
  });

  test('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b/);
    expect(page).not.toMatch(/\son\w+=|@import|url\(/);
  });

  test('shows every operation and every shape, and links to no place that is not there', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const { name } of operations) expect(ids).toContain(name);
    for (const name of Object.keys(schemas)) expect(ids).toContain(`shape-${name}`);
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map(([, target]) => target);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });

  test('has one id for each place', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });
});

/** The example of an operation for the SDK, as somebody copies it from the page. */
function sdkExample(page: string, name: string): string {
  const [, example = ''] =
    new RegExp(`<code>(import [^<]*${name}Command[^<]*)</code>`).exec(page) ?? [];
  return example.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Runs a script in a folder with the SDK, where nothing but `env` says who calls. */
async function runScript(text: string, env: Readonly<Record<string, string>>): Promise<void> {
  const folder = temporaryFolder();
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  const script = join(folder, 'example.mjs');
  writeFileSync(script, text);
  await run(process.execPath, [script], { cwd: folder, env: { HOME: folder, ...env } });
}

describe('the examples for the SDK', () => {
  test('run as they are where requests need no signature', async () => {
    const { service, client } = await startTestService();
    const page = await (await fetch(`${service.url}/docs`)).text();
    await runScript(sdkExample(page, 'CreateDomain'), { KEYFOLD: service.url });
    expect((await client.send(new sdk.ListDomainsCommand({}))).Items).toHaveLength(1);
  });

  test('take the credentials of the environment where requests are signed', async () => {
    const service = await startSignedService();
    const page = await (await fetch(`${service.url}/docs`)).text();
    const example = sdkExample(page, 'ListDomains');
    const { accessKeyId, secretAccessKey } = await service.createCredentials();
    const env = { KEYFOLD: service.url, AWS_EC2_METADATA_DISABLED: 'true' };
    await runScript(example, {
      ...env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    await expect(runScript(example, env)).rejects.toThrow('Could not load credentials');
  });
});

describe('a service', () => {
  test('answers both, with a policy that lets the page load nothing', async () => {
    const { service } = await startTestService();
    const json = await fetch(`${service.url}/openapi.json`);
    expect([json.status, json.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(((await json.json()) as OpenApiDocument).security).toContainEqual({});
    const page = await fetch(`${service.url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=UTF-8',
    ]);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; /,
    );
    expect((await fetch(`${service.url}/docs`, { method: 'HEAD' })).status).toBe(200);
  });

  test('shows them to those who have no credentials, and says that requests are signed', async () => {
    const service = await startSignedService();
    const { status, body } = await send(service, 'GET', '/openapi.json');
    expect([status, body.security]).toEqual([200, [{ sigv4: [] }]]);
    expect((await fetch(`${service.url}/docs`)).status).toBe(200);
  });
});

test('no operation of the API has a path of what is beside it', () => {
  const own = new Set(['openapi.json', 'docs', 'metrics', 'health', '_keyfold']);
  const roots = [...operations, ...notImplemented].map(({ path }) => path.split('/')[1] ?? '');
  // None begins with a label either, which would take any path.
  expect(roots.filter((root) => own.has(root) || root.startsWith('{'))).toEqual([]);
});
