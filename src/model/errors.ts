/**
 * The errors an operation may end with: the model's exceptions. They carry no status code: that is
 * the protocol's matter.
 */
export type ServiceErrorCode =
  | 'AccessDeniedException'
  | 'BadRequestException'
  | 'InternalServerException'
  | 'ResourceNotFoundException'
  | 'ServiceUnavailableException'
  | 'ThrottlingException';

export interface ServiceErrorOptions extends ErrorOptions {
  /** When trying again makes sense; whole seconds. */
  readonly retryAfterSeconds?: number;
}

/** An answer of the API that is an error. `message` reaches the caller as it is. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ServiceErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options);
    this.name = code;
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

/** A domain that is absent, or another account's: the answer doesn't tell which. */
export function domainNotFound(domainName: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Domain ${domainName} does not exist`);
}

/** An object type that is neither defined nor a template's. */
export function objectTypeNotFound(objectTypeName: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Object type ${objectTypeName} does not exist`,
  );
}

/** A profile that is absent, expired, or in another domain: the answer doesn't tell which. */
export function profileNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'The profile does not exist');
}

/** More requests than can be answered in good time: this one is refused at once, not answered late. */
export function overloaded(): ServiceError {
  return new ServiceError('ServiceUnavailableException', 'The service is overloaded. Try again.', {
    retryAfterSeconds: 1,
  });
}
