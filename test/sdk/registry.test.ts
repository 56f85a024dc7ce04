import * as sdk from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { shapeInfo } from '../../src/model/shapes.ts';
import { operations } from '../../src/operations/index.ts';

/** How the SDK describes a structure: its first `required` members are required. */
type SdkStructure = [
  kind: 3,
  namespace: string,
  name: string,
  traits: unknown,
  members: string[],
  targets: unknown[],
  required?: number,
];

type SdkOperation = [
  kind: 9,
  namespace: string,
  name: string,
  traits: { http: [method: string, path: string, status: number] },
  input: () => SdkStructure,
  output: () => SdkStructure,
];

function sdkOperation(name: string): SdkOperation {
  // The SDK exports its schemas as plain arrays; the types above are what they hold.
  const found = (sdk as unknown as Record<string, SdkOperation | undefined>)[`${name}$`];
  if (found === undefined) throw new Error(`the SDK has no operation ${name}`);
  return found;
}

function describeSdk([, , , , members, , required = 0]: SdkStructure) {
  return {
    members: [...members].sort(),
    required: members.slice(0, required).sort(),
  };
}

function describeOurs(schema: z.ZodType) {
  const members = Object.entries(shapeInfo(schema).members ?? {});
  return {
    members: members.map(([name]) => name).sort(),
    required: members
      .filter(([, member]) => !shapeInfo(member).optional)
      .map(([name]) => name)
      .sort(),
  };
}

/** Operations of the public model that the SDK package, as it can be had, doesn't have yet. */
const newerThanSdk = new Set(['BatchPutProfileObject']);

test('the SDK has every operation but those that are newer', () => {
  for (const name of newerThanSdk) expect(() => sdkOperation(name)).toThrow(/has no operation/);
});

const known = operations.filter(({ name }) => !newerThanSdk.has(name));

describe.each(known.map((operation) => ({ ...operation })))('$name', (operation) => {
  const [, , , traits, input, output] = sdkOperation(operation.name);

  test('has the method and path that the official SDK sends', () => {
    expect([operation.method, operation.path, 200]).toEqual(traits.http);
  });

  test('has the members that the official SDK sends and reads', () => {
    expect(describeOurs(operation.input)).toEqual(describeSdk(input()));
    expect(describeOurs(operation.output)).toEqual(describeSdk(output()));
  });
});
