import { ProtocolError } from '../protocol/errors.ts';

/** A request that nobody has signed. */
export function unsigned(): ProtocolError {
  return new ProtocolError('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

/** A signature of which parts are missing or can't be read. */
export function incomplete(message: string): ProtocolError {
  return new ProtocolError('IncompleteSignatureException', message);
}

/** A signature that is wrong, too old, or for something else. */
export function invalid(message: string): ProtocolError {
  return new ProtocolError('InvalidSignatureException', message);
}

/** An access key id or a session token that nobody has, or that don't belong together. */
export function unrecognized(): ProtocolError {
  return new ProtocolError(
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  );
}

/** Credentials that were good until they ran out. */
export function expired(): ProtocolError {
  return new ProtocolError(
    'ExpiredTokenException',
    'The security token included in the request is expired',
  );
}
