import type { CanonicalParameter } from './canonical-target.ts';
import { checkClock } from './clock-window.ts';
import { incomplete, invalid, unsigned } from './errors.ts';

/** What a signed request says of its signature. */
export interface SignatureClaims {
  readonly accessKeyId: string;
  /** `YYYYMMDD`, the day that the signing key is for. */
  readonly date: string;
  readonly region: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  /** As given: lower-case names, joined by semicolons. */
  readonly signedHeaders: string;
  readonly signature: string;
  readonly sessionToken: string | undefined;
  /** What the client says of its payload, if anything. */
  readonly payloadHash: string | undefined;
  /** Whether the query carries the signature, and not the header. */
  readonly isInQuery: boolean;
}

/** As in the scope of every credential of this API. */
const SERVICE = 'profile';
const TERMINATOR = 'aws4_request';
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** `Credential=…, SignedHeaders=…, Signature=…`. One that is given twice counts as none. */
function headerParameters(authorization: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of authorization.split(/[ ,]/).slice(1)) {
    const end = part.indexOf('=');
    if (end === -1) continue;
    const name = part.slice(0, end);
    parameters.set(name, parameters.has(name) ? '' : part.slice(end + 1));
  }
  return parameters;
}

function decodeValue(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** By lower-case name: clients that move headers to the query keep their spelling. */
function queryParameters(parameters: readonly CanonicalParameter[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const name = parameter.name.toLowerCase();
    if (name.startsWith('x-amz-'))
      values.set(name, values.has(name) ? '' : decodeValue(parameter.value));
  }
  return values;
}

/** The parts of either form, before anything is known of their values. */
interface RawClaims {
  readonly algorithm: string;
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  readonly payloadHash: string | undefined;
  /** Seconds, as given; the query form only. */
  readonly expires: string | undefined;
}

function fromHeader(authorization: string, headers: ReadonlyMap<string, string>): RawClaims {
  const parameters = headerParameters(authorization);
  const claims = {
    algorithm: authorization.split(' ', 1)[0] ?? '',
    credential: parameters.get('Credential') ?? '',
    signature: parameters.get('Signature') ?? '',
    signedHeaders: parameters.get('SignedHeaders') ?? '',
    timestamp: headers.get('x-amz-date') ?? headers.get('date') ?? '',
    sessionToken: headers.get('x-amz-security-token'),
    payloadHash: headers.get('x-amz-content-sha256'),
    expires: undefined,
  };
  let missing = '';
  if (claims.credential === '') missing += "Authorization header requires 'Credential' parameter. ";
  if (claims.signature === '') missing += "Authorization header requires 'Signature' parameter. ";
  if (claims.signedHeaders === '')
    missing += "Authorization header requires 'SignedHeaders' parameter. ";
  if (claims.timestamp === '')
    missing +=
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  if (missing !== '') throw incomplete(`${missing}Authorization=${authorization}`);
  return claims;
}

const requiredInQuery = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

function fromQuery(
  parameters: ReadonlyMap<string, string>,
  headers: ReadonlyMap<string, string>,
): RawClaims {
  const missing = requiredInQuery
    .filter((name) => !parameters.get(name.toLowerCase()))
    .map((name) => `AWS query-string parameters must include '${name}'. `);
  if (missing.length > 0)
    throw incomplete(`${missing.join('')}Re-examine the query-string parameters.`);
  const value = (name: (typeof requiredInQuery)[number]) =>
    parameters.get(name.toLowerCase()) ?? '';
  return {
    algorithm: value('X-Amz-Algorithm'),
    credential: value('X-Amz-Credential'),
    signature: value('X-Amz-Signature'),
    signedHeaders: value('X-Amz-SignedHeaders'),
    timestamp: value('X-Amz-Date'),
    sessionToken: parameters.get('x-amz-security-token') ?? headers.get('x-amz-security-token'),
    payloadHash: parameters.get('x-amz-content-sha256') ?? headers.get('x-amz-content-sha256'),
    expires: parameters.get('x-amz-expires'),
  };
}

/** `keyid/date/region/service/term`. Any region will do, as long as it can be one. */
function checkScope({ credential, timestamp }: RawClaims) {
  const parts = credential.split('/');
  const [accessKeyId = '', date = '', region = '', service, terminator] = parts;
  if (parts.length !== 5)
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  let mismatch = '';
  if (!/^[a-z0-9-]{1,64}$/.test(region))
    mismatch += `Credential should be scoped to a valid region, not '${region}'. `;
  if (service !== SERVICE)
    mismatch += `Credential should be scoped to correct service: '${SERVICE}'. `;
  if (terminator !== TERMINATOR)
    mismatch += `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `;
  if (date !== timestamp.slice(0, 8))
    mismatch += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'. `;
  if (mismatch !== '') throw invalid(mismatch);
  return { accessKeyId, date, region };
}

/**
 * What a request says of its signature, in the header or in the query. Everything that can be wrong
 * with it before the key is known is refused here, in the order and the words that services of AWS
 * were seen to use.
 *
 * @param headers canonical values by lower-case name.
 * @param now milliseconds since the epoch.
 * @throws ProtocolError MissingAuthenticationTokenException, IncompleteSignatureException or
 *   InvalidSignatureException.
 */
export function readClaims(
  headers: ReadonlyMap<string, string>,
  parameters: readonly CanonicalParameter[],
  now: number,
): SignatureClaims {
  const authorization = headers.get('authorization');
  const query = queryParameters(parameters);
  const isInQuery = query.has('x-amz-algorithm');
  if (authorization !== undefined && isInQuery)
    throw invalid(
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  if (!isInQuery && !authorization?.startsWith('AWS4-')) throw unsigned();
  const claims =
    authorization === undefined ? fromQuery(query, headers) : fromHeader(authorization, headers);
  checkClock(claims.timestamp, claims.expires, now);
  if (!claims.signedHeaders.split(';').includes('host'))
    throw invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  if (claims.algorithm !== ALGORITHM)
    throw incomplete(
      `Unsupported AWS 'algorithm': '${claims.algorithm}' (only ${ALGORITHM} for now). `,
    );
  const { signedHeaders, signature, timestamp, sessionToken, payloadHash } = claims;
  return {
    ...checkScope(claims),
    signedHeaders,
    signature,
    timestamp,
    sessionToken,
    payloadHash,
    isInQuery,
  };
}
