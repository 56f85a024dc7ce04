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

/** An answer of the API that is an error. `message` reaches the caller as it is. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
    this.code = code;
  }
}

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

/** A domain that is absent, or another account's: the answer doesn't tell which. */
export function domainNotFound(domainName: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Domain ${domainName} does not exist`);
}

/** A profile that is absent, expired, or in another domain: the answer doesn't tell which. */
export function profileNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'The profile does not exist');
}
