import { createHash } from 'node:crypto';
import { badRequest } from '../model/errors.ts';

const TOKEN_VERSION = 1;
/** Hex digits: enough that two requests don't share one by accident; a token grants nothing. */
const FINGERPRINT_LENGTH = 16;

/** What a list operation's input has besides its own members. */
export interface Paging {
  NextToken?: string | undefined;
  MaxResults?: number | undefined;
}

/**
 * What a token is bound to: the operation and every member of its input but the paging itself, since
 * a page may have another size than the one before.
 */
function fingerprint(operation: string, input: Paging): string {
  const { NextToken: _token, MaxResults: _size, ...request } = input;
  return createHash('sha256')
    .update(JSON.stringify([operation, request]))
    .digest('hex')
    .slice(0, FINGERPRINT_LENGTH);
}

/**
 * An opaque token for the page at `position`, which only the operation understands. It is at most a
 * few hundred characters; the model allows 1,024.
 */
export function encodePageToken(operation: string, input: Paging, position: string): string {
  const token = [TOKEN_VERSION, fingerprint(operation, input), position];
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** A forged token may name any position; only text that every store can compare is one. */
function isPosition(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

/**
 * The position that the request's token names, or undefined for the first page.
 *
 * @throws ServiceError BadRequestException when the token isn't one of this request's.
 */
export function decodePageToken(operation: string, input: Paging): string | undefined {
  if (input.NextToken === undefined) return undefined;
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(input.NextToken, 'base64url').toString('utf8'));
  } catch {
    token = undefined;
  }
  if (!Array.isArray(token)) throw badRequest('NextToken is not valid');
  const [version, bound, position] = token;
  if (version !== TOKEN_VERSION || !isPosition(position))
    throw badRequest('NextToken is not valid');
  if (bound !== fingerprint(operation, input))
    throw badRequest('NextToken belongs to another request');
  return position;
}
