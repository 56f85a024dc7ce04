import type { WireRequest } from '../protocol/http-request.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { Credentials, Principal } from './credentials.ts';
import { invalid, unrecognized } from './errors.ts';
import { isSignedWith, readSignedRequest, type SignedRequest } from './signature.ts';

/** A request of somebody who may be who they say: its signature is checked with its body. */
export class IdentifiedRequest {
  readonly #signed: SignedRequest;
  readonly #credentials: Credentials;
  readonly #now: number;

  constructor(signed: SignedRequest, credentials: Credentials, now: number) {
    this.#signed = signed;
    this.#credentials = credentials;
    this.#now = now;
  }

  /**
   * Who signed the request with this body.
   *
   * @throws ProtocolError InvalidSignatureException, UnrecognizedClientException or
   *   ExpiredTokenException.
   */
  authenticate(body: Uint8Array): Principal {
    if (!isSignedWith(this.#credentials.signingKeys, this.#signed, body))
      throw invalid(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      );
    this.#credentials.check(this.#signed.claims.sessionToken, this.#now);
    return this.#credentials.principal;
  }
}

/** Tells who sends a request, by its signature. */
export class Authenticator {
  readonly #credentials: CredentialCache;

  constructor(credentials: CredentialCache) {
    this.#credentials = credentials;
  }

  /**
   * Checks everything that can be checked before the body has come: nobody unknown makes the service
   * read one.
   *
   * @param now milliseconds since the epoch.
   * @throws ProtocolError MissingAuthenticationTokenException, IncompleteSignatureException,
   *   InvalidSignatureException or UnrecognizedClientException.
   */
  async identify(request: WireRequest, now: number): Promise<IdentifiedRequest> {
    const signed = readSignedRequest(request, now);
    const credentials = await this.#credentials.find(signed.claims.accessKeyId, now);
    if (credentials === undefined) throw unrecognized();
    return new IdentifiedRequest(signed, credentials, now);
  }
}
