/**
 * What the repository can fail with. The operation layer turns these into API errors; anything else
 * that leaves the repository is a fault.
 */

/** A row names a parent that doesn't exist: its domain or its profile is gone. */
export class MissingParentError extends Error {
  override readonly name = 'MissingParentError';
}

/** A unique key is taken. */
export class AlreadyExistsError extends Error {
  override readonly name = 'AlreadyExistsError';
}

/** Another unit changed what this one had read. `write` runs the unit again. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** The database can't answer now: locked for too long, full, closed or unreachable. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** A database that must not be opened as it is. `message` is one line for the operator. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError';
}
