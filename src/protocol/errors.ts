import type { ServiceErrorCode } from '../model/errors.ts';

/**
 * Errors of the protocol itself, raised before or instead of an operation. The model doesn't know
 * them; their bodies have a lower-case `message`, as other restJson1 services answer.
 */
const protocolErrorStatus = {
  ExpiredTokenException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  NotAcceptableException: 406,
  NotImplementedException: 501,
  RequestEntityTooLargeException: 413,
  RequestHeaderFieldsTooLargeException: 431,
  RequestTimeoutException: 408,
  SerializationException: 400,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
  UnsupportedMediaTypeException: 415,
} as const;

export type ProtocolErrorCode = keyof typeof protocolErrorStatus;

/** The one table from error code to HTTP status. */
const errorStatus: Record<ServiceErrorCode | ProtocolErrorCode, number> = {
  ...protocolErrorStatus,
  AccessDeniedException: 403,
  BadRequestException: 400,
  InternalServerException: 500,
  ResourceNotFoundException: 404,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
};

/** Whether a code is the protocol's own, and not one of the model's. */
export function isProtocolErrorCode(code: string): code is ProtocolErrorCode {
  return Object.hasOwn(protocolErrorStatus, code);
}

/** Every error code by the status that it is answered with. */
export function errorCodesByStatus(): ReadonlyMap<number, readonly string[]> {
  return Map.groupBy(
    Object.keys(errorStatus),
    (code) => errorStatus[code as keyof typeof errorStatus],
  );
}

export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
  }
}

export function malformed(message: string): ProtocolError {
  return new ProtocolError('SerializationException', message);
}

/** A method and path that are no operation's. */
export function unknownOperation(): ProtocolError {
  return new ProtocolError('UnknownOperationException', 'The API has no operation at this path.');
}

/** Status and body of an error; the header `x-amzn-errortype` carries the code. */
export function encodeError(
  code: ServiceErrorCode | ProtocolErrorCode,
  message: string,
): { status: number; body: string } {
  const member = isProtocolErrorCode(code) ? 'message' : 'Message';
  return { status: errorStatus[code], body: JSON.stringify({ [member]: message }) };
}
