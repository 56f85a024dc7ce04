import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CredentialRow } from '../repository/credentials.ts';
import { expired, unrecognized } from './errors.ts';
import { fullAccess, type Policy, parsePolicyDocument } from './policy-document.ts';
import type { SecretSealer } from './sealed-secrets.ts';
import { SigningKeys } from './signature.ts';

/** Begin an access key id: nobody, and no scanner for leaked secrets, shall take it for Amazon's. */
const LONG_TERM_PREFIX = 'KFAK';
const TEMPORARY_PREFIX = 'KFTK';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_CHARACTERS = 16;
const issuedId = /^KF[AT]K[A-Z2-7]{16}$/;
const SECRET_BYTES = 30;
const SESSION_TOKEN_BYTES = 48;
/** How long temporary credentials may be good. */
export const LIFETIME_SECONDS_MAX = 365 * 24 * 60 * 60;

/** Who signed a request, and what they may do. */
export interface Principal {
  /** Twelve digits. */
  readonly accountId: string;
  /** `arn:aws:iam::123456789012:user/name`. */
  readonly arn: string;
  readonly policies: readonly Policy[];
}

/** What new credentials are made from. */
export interface NewCredentials {
  /** Twelve digits. */
  readonly accountId: string;
  /** As in the ARNs of error messages; the access key id when absent. */
  readonly userName?: string | undefined;
  /** IAM policy documents; without any, everything in the account is allowed. */
  readonly policies?: readonly string[] | undefined;
  /** Makes temporary credentials, which come with a session token. */
  readonly expiresInSeconds?: number | undefined;
}

/** Credentials as their owner is given them, once; the official SDKs take them as they are. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Everything that decides what credentials may do: a sealed secret opens only beside it. */
function bindingOf(row: Omit<CredentialRow, 'sealedSecret' | 'createdAt'>): string {
  const { accessKeyId, accountId, userName, policies, sessionTokenHash, expiresAt } = row;
  return JSON.stringify([accessKeyId, accountId, userName, policies, sessionTokenHash, expiresAt]);
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function randomId(prefix: string): string {
  return prefix + Array.from(randomBytes(ID_CHARACTERS), (byte) => BASE32[byte % 32]).join('');
}

/** Whether a text can name a user, as in IAM. */
export function isUserName(text: string): boolean {
  return /^[\w+=,.@-]{1,64}$/.test(text);
}

/** Whether credentials can be good for so many seconds. */
export function isLifetime(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= LIFETIME_SECONDS_MAX;
}

/** @throws RangeError that names what is wrong. */
function checkWanted({ accountId, userName, expiresInSeconds }: NewCredentials): void {
  if (!/^[0-9]{12}$/.test(accountId)) throw new RangeError('accountId must be twelve digits');
  if (userName !== undefined && !isUserName(userName))
    throw new RangeError('userName must be 1 to 64 letters, digits or any of _+=,.@-');
  if (expiresInSeconds !== undefined && !isLifetime(expiresInSeconds))
    throw new RangeError(
      `expiresInSeconds must be a whole number from 1 to ${LIFETIME_SECONDS_MAX}`,
    );
}

/** Whether an access key id is one that {@link issueCredentials} may have made. */
export function isAccessKeyId(text: string): boolean {
  return issuedId.test(text);
}

/**
 * Makes credentials and the row that keeps them.
 *
 * @param now milliseconds since the epoch.
 * @throws RangeError when one of the others is nothing that can be stored.
 * @throws PolicyRefusedError when a policy can't be taken.
 */
export function issueCredentials(
  wanted: NewCredentials,
  sealer: SecretSealer,
  now: number,
): { issued: IssuedCredentials; row: CredentialRow } {
  checkWanted(wanted);
  const { accountId, policies = [], expiresInSeconds } = wanted;
  for (const policy of policies) parsePolicyDocument(policy);
  const isTemporary = expiresInSeconds !== undefined;
  const accessKeyId = randomId(isTemporary ? TEMPORARY_PREFIX : LONG_TERM_PREFIX);
  const secretAccessKey = randomBytes(SECRET_BYTES).toString('base64');
  const sessionToken = isTemporary
    ? randomBytes(SESSION_TOKEN_BYTES).toString('base64')
    : undefined;
  const expiresAt = isTemporary ? now + expiresInSeconds * 1000 : null;
  const unsealed = {
    accessKeyId,
    accountId,
    userName: wanted.userName ?? accessKeyId,
    policies: JSON.stringify(policies),
    sessionTokenHash: sessionToken === undefined ? null : hashToken(sessionToken),
    expiresAt,
    createdAt: now,
  };
  const sealedSecret = sealer.seal(secretAccessKey, bindingOf(unsealed));
  return {
    row: { ...unsealed, sealedSecret },
    issued: {
      accessKeyId,
      secretAccessKey,
      accountId,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiresAt !== null && { expiration: new Date(expiresAt) }),
    },
  };
}

/** Credentials that requests are checked against: opened once, used many times. */
export class Credentials {
  readonly principal: Principal;
  readonly signingKeys: SigningKeys;
  readonly #sessionTokenHash: string | null;
  readonly #expiresAt: number | null;

  /** @throws SealingKeyError when the secret can't be opened. */
  constructor(row: CredentialRow, sealer: SecretSealer) {
    const documents = JSON.parse(row.policies) as string[];
    this.principal = {
      accountId: row.accountId,
      arn: `arn:aws:iam::${row.accountId}:user/${row.userName}`,
      policies: documents.length === 0 ? [fullAccess] : documents.map(parsePolicyDocument),
    };
    this.signingKeys = new SigningKeys(sealer.open(row.sealedSecret, bindingOf(row)));
    this.#sessionTokenHash = row.sessionTokenHash;
    this.#expiresAt = row.expiresAt;
  }

  /**
   * Checks what a signature doesn't: the session token, and that the credentials have not expired.
   *
   * @param now milliseconds since the epoch.
   * @throws ProtocolError UnrecognizedClientException or ExpiredTokenException.
   */
  check(sessionToken: string | undefined, now: number): void {
    const given = sessionToken === undefined ? '' : hashToken(sessionToken);
    const wanted = this.#sessionTokenHash ?? '';
    if (given.length !== wanted.length || !timingSafeEqual(Buffer.from(given), Buffer.from(wanted)))
      throw unrecognized();
    if (this.#expiresAt !== null && now >= this.#expiresAt) throw expired();
  }
}
