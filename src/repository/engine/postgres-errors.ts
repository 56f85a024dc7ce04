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

/**
 * What PostgreSQL reported, fit for a log. The driver's own error carries the statement's parameters
 * and the values of the row that it complains about: people's data.
 */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** SQLSTATE classes and codes (PostgreSQL's appendix A) of a server that is going or not there. */
const lostStates = /^(08|25P0[34]|40003|57P0[1-5]|53300)/;
/**
 * What a server answers that takes no writes now: a standby, a full disk, too little memory, a role
 * that may no longer log in.
 */
const unavailableStates = /^(25006|25P02|28|3D000|53|55000|55P03|57014|58)/;
/** Data exceptions: their messages quote the data. */
const dataStates = /^22/;
const lostCodes = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** Where the driver itself notices, it gives no code. */
const lostMessages =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|timeout expired)/;

/**
 * What an error of the driver, or Drizzle's around it, means to the repository. Anything unknown is
 * a fault; it stays one, without the data that it came with.
 */
export function repositoryError(error: unknown): Error {
  const { cause } = error as { cause?: unknown };
  const { code = '', message = '' } = (cause ?? error) as { code?: string; message?: string };
  const reported = new PostgresError(code, dataStates.test(code) ? 'invalid data' : message);
  const options = { cause: reported };
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
  if (lostStates.test(code) || lostCodes.has(code) || lostMessages.test(message))
    return new ConnectionLostError(message, options);
  if (unavailableStates.test(code))
    return new UnavailableError(`the database can't answer: ${code} ${message}`, options);
  return reported;
}
