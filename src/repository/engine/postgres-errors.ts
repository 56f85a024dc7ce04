import {
  AlreadyExistsError,
  ConflictError,
  MissingParentError,
  UnavailableError,
} from '../errors.ts';

/** The connection is gone: what it had not committed is not stored. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** SQLSTATE classes and codes (PostgreSQL's appendix A) of a server that is going or not there. */
const lostStates = /^(08|57P0[1-5]|53300)/;
/** What a server answers that takes no writes now: a standby, a full disk, too little memory. */
const unavailableStates = /^(25006|53|55000|55P03|57014|58)/;
const systemCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** Where the driver itself notices, it gives no code. */
const lostMessages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|timeout expired)/;

/** The error of the driver behind Drizzle's. */
function driverError(error: unknown): { code?: string; message?: string } {
  const { cause } = error as { cause?: unknown };
  return (cause ?? error) as { code?: string; message?: string };
}

/** A function that this server doesn't have. */
export function isUndefinedFunction(error: unknown): boolean {
  return driverError(error).code === '42883';
}

/**
 * What an error of the driver means to the repository; anything unknown is a fault and stays as it
 * is.
 */
export function repositoryError(error: unknown): unknown {
  const { code = '', message = '' } = driverError(error);
  const options = { cause: error };
  switch (code) {
    case '23503':
      return new MissingParentError('a parent row does not exist', options);
    case '23505':
      return new AlreadyExistsError('a unique key is taken', options);
    // Serialization failure and deadlock: the unit lost, and may try again.
    case '40001':
    case '40P01':
      return new ConflictError('another unit of work was first', options);
  }
  if (lostStates.test(code) || systemCodes.has(code) || lostMessages.test(message))
    return new ConnectionLostError(message, options);
  if (unavailableStates.test(code))
    return new UnavailableError(`the database can't answer: ${code}`, options);
  return error;
}
