/** What was asked for could not be done, or not all of it. */
export const EXIT_FAILED = 1;
/** The command line is wrong, a setting, or a file that a setting or an option names. */
export const EXIT_USAGE = 2;
/** The disk has failed to take a write to the database. */
export const EXIT_DISK = 3;

/**
 * How every command ends, for the help. What the command line and the settings say by themselves is 2; what
 * depends on the database, the data or the system is 1. `check` alone tells a database that is damaged from one
 * that it can't look at, and says so in its own help.
 */
export const EXIT_CODES = `
Exit codes:
  0  all of it was done; a service ends with it when SIGTERM or SIGINT has stopped it
  1  it could not be done, or not all of it: something isn't there or is refused, rows were
     rejected, the address is taken, or a signal has stopped it
  2  the command line or a setting is wrong, or a file that one names: of limits, of a mapping,
     of a policy, of a seed
  3  the disk failed to take a write to the open database: start it again`;
