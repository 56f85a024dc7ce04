import { describe, expect, test } from 'vitest';
import { integer, list, nullable, optional, status, structure } from '../../src/model/shapes.ts';
import { outputEncoder } from '../../src/protocol/encode.ts';

const StatusCode = status(optional(integer()));

describe('outputEncoder', () => {
  test('writes a success, without the members that are absent', () => {
    const encode = outputEncoder(structure({ A: optional(integer()), B: optional(integer()) }));
    expect(encode({ A: 1, B: undefined })).toEqual({ status: 200, body: '{"A":1}' });
  });

  test('writes an empty object when nothing is there, never an empty body', () => {
    expect(outputEncoder(structure({}))({})).toEqual({ status: 200, body: '{}' });
  });

  test('takes the member that is the status out of the body', () => {
    const encode = outputEncoder(structure({ Items: list(integer()), StatusCode }));
    expect(encode({ Items: [1], StatusCode: 202 })).toEqual({ status: 202, body: '{"Items":[1]}' });
    expect(encode({ Items: [1] })).toEqual({ status: 200, body: '{"Items":[1]}' });
  });

  test('leaves a member of that name in the body where it is no status', () => {
    const encode = outputEncoder(structure({ StatusCode: integer() }));
    expect(encode({ StatusCode: 202 })).toEqual({ status: 200, body: '{"StatusCode":202}' });
  });

  test('leaves a required member out that is null', () => {
    const encode = outputEncoder(structure({ Maximum: nullable(integer()) }));
    expect(encode({ Maximum: undefined })).toEqual({ status: 200, body: '{}' });
  });
});
