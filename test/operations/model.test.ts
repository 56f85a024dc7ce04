import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { type ShapeInfo, shapeInfo } from '../../src/model/shapes.ts';
import { operations } from '../../src/operations/index.ts';
import { notImplemented } from '../../src/operations/not-implemented.ts';
import { type ModelMember, model, modelShape } from '../support/model.ts';

/**
 * Where Keyfold knowingly differs from the model: it bounds a list of key values and a map of object
 * types, which the model doesn't, and takes the ARNs of partitions that have a dash.
 */
const ownLimits: Readonly<Record<string, Pick<ShapeInfo, 'min' | 'max' | 'pattern'>>> = {
  requestValueList: { min: 1, max: 255 },
  ObjectTypeNames: { max: 100 },
  TagArn: { pattern: /^arn:[a-z0-9-]{1,10}:profile/ },
};

type Description = Record<string, unknown>;

function withoutUndefined(description: Description): Description {
  return Object.fromEntries(Object.entries(description).filter(([, value]) => value !== undefined));
}

/** A shape of the model in the words of {@link describeOurs}. */
function describeTheirs(name: string): Description {
  const shape = modelShape(name);
  const required = new Set(shape.required);
  return withoutUndefined({
    kind: shape.type,
    pattern: ownLimits[name]?.pattern?.source ?? shape.pattern,
    enum: shape.enum,
    sensitive: shape.sensitive,
    min: ownLimits[name]?.min ?? shape.min,
    max: ownLimits[name]?.max ?? shape.max,
    key: shape.key && describeTheirs(shape.key.shape),
    member:
      (shape.member ?? shape.value) && describeTheirs((shape.member ?? shape.value)?.shape ?? ''),
    members:
      shape.members &&
      Object.fromEntries(
        Object.entries(shape.members).map(([member, target]) => [
          member,
          {
            ...describeTheirs(target.shape),
            required: required.has(member),
            location: describeLocation(target),
          },
        ]),
      ),
  });
}

function describeLocation({ location, locationName }: ModelMember): string {
  return location === 'querystring' ? `query ${locationName}` : (location ?? 'body');
}

function describeOurLocation(info: ShapeInfo): string {
  if (info.location?.in === 'query') return `query ${info.location.name}`;
  if (info.location?.in === 'status') return 'statusCode';
  return info.location?.in === 'label' ? 'uri' : 'body';
}

function describeOurs(schema: z.ZodType): Description {
  const info = shapeInfo(schema);
  return withoutUndefined({
    kind: info.kind,
    pattern: info.pattern?.source,
    enum: info.enum,
    sensitive: info.sensitive || undefined,
    min: info.min,
    max: info.max,
    key: info.key && describeOurs(info.key),
    member: info.member && describeOurs(info.member),
    members:
      info.members &&
      Object.fromEntries(
        Object.entries(info.members).map(([name, member]) => [
          name,
          {
            ...describeOurs(member),
            required: !shapeInfo(member).optional,
            location: describeOurLocation(shapeInfo(member)),
          },
        ]),
      ),
  });
}

// The model marks enumerations as strings, and so do the shapes here.
describe.each(operations.map((operation) => ({ ...operation })))('$name', (operation) => {
  const theirs = model.operations[operation.name];

  test('has the method and path of the model', () => {
    expect({ method: operation.method, uri: operation.path }).toEqual({
      method: theirs?.method,
      uri: theirs?.uri,
    });
  });

  test('takes the input of the model, with every constraint', () => {
    expect(describeOurs(operation.input)).toEqual(describeTheirs(theirs?.input ?? ''));
  });

  test('gives the output of the model', () => {
    expect(describeOurs(operation.output)).toEqual(describeTheirs(theirs?.output ?? ''));
  });
});

test('every operation of the model is in the registry or answers 501, never both', () => {
  const known = [...operations, ...notImplemented].map(({ name, method, path }) => ({
    name,
    method,
    uri: path,
  }));
  const expected = Object.entries(model.operations).map(([name, { method, uri }]) => ({
    name,
    method,
    uri,
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(known.sort(byName)).toEqual(expected.sort(byName));
});
