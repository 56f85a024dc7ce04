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

/** What a command or a transfer is about isn't there. `message` is one line for the operator. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError';
}

/**
 * The disk could not take what was written to it. From then on the system takes it for written, and a
 * later success says nothing: no write is taken any more until the database is opened anew.
 */
export class FlushFailedError extends Error {
  override readonly name = 'FlushFailedError';
}

/** What a store says of its disk, besides what it answers. */
export interface DiskEvents {
  /** The disk could not take a write: the process should end, and start again. Called once. */
  flushFailed(error: FlushFailedError): void;
  /**
   * The log could not be moved into the database file. Nothing is lost, and it is tried again when the log has
   * grown by an eighth. Called at the first failure after a success.
   */
  checkpointFailed(error: Error): void;
}
