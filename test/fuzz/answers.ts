import { expect } from 'vitest';
import { encodeError } from '../../src/protocol/errors.ts';
import { SECRET, SECRET_NUMBER } from './hostile.ts';
import type { WireAnswer } from './wire.ts';

/** What the table of errors has no line for: a head that is too large, told by its status alone. */
const HEADERS_TOO_LARGE = 431;

/**
 * Every answer is JSON, has the id of its request and is no fault; an error has its type, the status
 * and the body that the table of errors gives it, and nothing of a sensitive value.
 */
export function expectWellFormed({ status, headers, body }: WireAnswer, method = 'GET'): void {
  const code = headers.get('x-amzn-errortype');
  const notImplemented = status === 501 && code === 'NotImplementedException';
  if (status >= 500 && !notImplemented) expect.fail(`${status} ${code}: ${body}`);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  if (method === 'HEAD') return;
  const content = JSON.parse(body);
  if (status < 400) {
    expect([status, code]).toEqual([200, undefined]);
    return;
  }
  expect([['Message'], ['message']]).toContainEqual(Object.keys(content));
  const [message] = Object.values(content) as [string];
  // The type is one of the table's, or nothing equals what the table gives.
  const told = encodeError(code as Parameters<typeof encodeError>[0], message);
  expect(body).toBe(told.body);
  if (status !== HEADERS_TOO_LARGE) expect(status).toBe(told.status);
  expect(body).not.toContain(SECRET);
  expect(body).not.toContain(String(SECRET_NUMBER));
}

/** An error for what only the store and the rules of an operation can tell, not the shapes. */
export function expectAcceptedByShapes({ status, headers, body }: WireAnswer): void {
  if (status === 200) return;
  expect(['BadRequestException', 'ResourceNotFoundException']).toContain(
    headers.get('x-amzn-errortype'),
  );
  expect(body).not.toContain('validation error');
}
