import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key that is none, or that doesn't open what another has sealed. One line for the operator. */
export class SealingKeyError extends Error {
  override readonly name = 'SealingKeyError';
}

function decodeKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return Buffer.from(trimmed, 'base64');
  return undefined;
}

/**
 * Seals secret access keys for the database, by AES-256-GCM with the operator's key. Checking a
 * signature takes the secret itself, so a hash of it won't do.
 */
export class SecretSealer {
  readonly #key: Buffer;

  /**
   * @param key 32 random bytes in base64 or hex; spaces around it are ignored.
   * @throws SealingKeyError.
   */
  constructor(key: string) {
    const bytes = decodeKey(key);
    if (bytes === undefined)
      throw new SealingKeyError(
        `must be ${KEY_BYTES} random bytes in base64, as "openssl rand -base64 ${KEY_BYTES}" prints them, or in hex`,
      );
    this.#key = bytes;
  }

  /** A sealer whose key nobody else has: for a store that ends with the process. */
  static random(): SecretSealer {
    return new SecretSealer(randomBytes(KEY_BYTES).toString('hex'));
  }

  /** @param binding what the secret belongs to: it opens only beside the same. */
  seal(secret: string, binding: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(binding));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** @throws SealingKeyError when another key sealed it, or it was changed, or beside another binding. */
  open(text: string, binding: string): string {
    const bytes = Buffer.from(text, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(binding));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    } catch {
      throw new SealingKeyError(
        "doesn't open the credentials in the database: they were sealed with another key, or changed",
      );
    }
  }
}
