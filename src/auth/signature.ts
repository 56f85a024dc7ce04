import { hash, timingSafeEqual } from 'node:crypto';
import type { WireRequest } from '../protocol/http-request.ts';
import { rawPath, rawQuery } from '../protocol/paths.ts';
import { canonicalHeaders } from './canonical-headers.ts';
import {
  type CanonicalParameter,
  canonicalParameters,
  canonicalQuery,
  canonicalUri,
} from './canonical-target.ts';
import { invalid } from './errors.ts';
import { readClaims, type SignatureClaims } from './signature-claims.ts';

/** How many signing keys of one secret are kept: two days around midnight in a few regions. */
const SIGNING_KEYS_MAX = 16;
const BLOCK_BYTES = 64;

const sha256Hex = /^[0-9a-f]{64}$/;

function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/**
 * HMAC-SHA256 (RFC 2104) by one key. Node's own makes a new context for each text, which costs ten
 * times the two hashes; here the key is prepared once.
 */
class HmacKey {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @param key of at most a block; a longer one is hashed first. */
  constructor(key: Uint8Array) {
    const short = key.byteLength > BLOCK_BYTES ? sha256(key) : key;
    const pad = (byte: number) => {
      const block = Buffer.alloc(BLOCK_BYTES, byte);
      for (const [index, value] of short.entries()) block[index] = value ^ byte;
      return block;
    };
    this.#inner = pad(0x36);
    this.#outer = pad(0x5c);
  }

  sign(text: string): Buffer {
    const inner = sha256(Buffer.concat([this.#inner, Buffer.from(text)]));
    return sha256(Buffer.concat([this.#outer, inner]));
  }
}

/**
 * The signing keys of one secret access key, each for a day and a region. Deriving one costs four
 * HMACs, checking a signature with it one.
 */
export class SigningKeys {
  readonly #secretAccessKey: string;
  readonly #keys = new Map<string, HmacKey>();

  constructor(secretAccessKey: string) {
    this.#secretAccessKey = secretAccessKey;
  }

  /**
   * Signs a text as AWS Signature Version 4 does, for a day and a region.
   *
   * @param date `YYYYMMDD`.
   */
  sign(date: string, region: string, text: string): Buffer {
    const scope = `${date}/${region}`;
    let key = this.#keys.get(scope);
    if (key === undefined) {
      key = new HmacKey(Buffer.from(`AWS4${this.#secretAccessKey}`));
      for (const part of [date, region, 'profile', 'aws4_request'])
        key = new HmacKey(key.sign(part));
      // Regions are the client's choice: it must not make us keep any number of keys.
      if (this.#keys.size >= SIGNING_KEYS_MAX) this.#keys.clear();
      this.#keys.set(scope, key);
    }
    return key.sign(text);
  }
}

/** A signed request whose body may still be on its way. */
export interface SignedRequest {
  readonly claims: SignatureClaims;
  readonly request: WireRequest;
  readonly headers: ReadonlyMap<string, string>;
  readonly parameters: readonly CanonicalParameter[];
}

/**
 * Reads what a request says of its signature.
 *
 * @param now milliseconds since the epoch.
 * @throws ProtocolError as {@link readClaims}, and for payloads that are not signed as a whole.
 */
export function readSignedRequest(request: WireRequest, now: number): SignedRequest {
  const headers = canonicalHeaders(request.rawHeaders);
  const parameters = canonicalParameters(rawQuery(request.target));
  const claims = readClaims(headers, parameters, now);
  const { payloadHash } = claims;
  if (payloadHash !== undefined && !sha256Hex.test(payloadHash))
    throw invalid(
      `The payload must be signed: x-amz-content-sha256 must be the SHA-256 of the body in lower-case hex, not '${payloadHash}'.`,
    );
  return { claims, request, headers, parameters };
}

/** The lines of the signed headers, or undefined when the request lacks one or they are no list. */
function signedHeaderLines({ claims, headers }: SignedRequest): string | undefined {
  let lines = '';
  let last = '';
  for (const name of claims.signedHeaders.split(';')) {
    const value = headers.get(name);
    // The canonical order is part of what is signed.
    if (value === undefined || name <= last) return undefined;
    lines += `${name}:${value}\n`;
    last = name;
  }
  return lines;
}

/** What the client has signed, or undefined when it can't have signed this request. */
function canonicalRequest(signed: SignedRequest, bodyHash: string): string | undefined {
  const { claims, request } = signed;
  const headerLines = signedHeaderLines(signed);
  if (headerLines === undefined) return undefined;
  const parameters = claims.isInQuery
    ? signed.parameters.filter(({ name }) => name.toLowerCase() !== 'x-amz-signature')
    : signed.parameters;
  return [
    request.method,
    canonicalUri(rawPath(request.target)),
    canonicalQuery(parameters),
    headerLines,
    claims.signedHeaders,
    bodyHash,
  ].join('\n');
}

/**
 * Whether a request is signed with the secret that the keys are of (AWS Signature Version 4).
 *
 * @param body the bytes that came, whatever the client says of their hash.
 */
export function isSignedWith(keys: SigningKeys, signed: SignedRequest, body: Uint8Array): boolean {
  const { date, region, timestamp, signature, payloadHash } = signed.claims;
  const bodyHash = hash('sha256', body);
  if (payloadHash !== undefined && payloadHash !== bodyHash) return false;
  const canonical = canonicalRequest(signed, bodyHash);
  if (canonical === undefined) return false;
  // One character is one byte: headers may hold any.
  const canonicalHash = hash('sha256', Buffer.from(canonical, 'latin1'));
  const scope = `${date}/${region}/profile/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${canonicalHash}`;
  return (
    sha256Hex.test(signature) &&
    timingSafeEqual(Buffer.from(signature, 'hex'), keys.sign(date, region, text))
  );
}
