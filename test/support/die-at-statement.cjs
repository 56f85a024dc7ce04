// Loaded into a process by --require: ends it with SIGKILL at a statement of its migration, by number.
// Databases are reached through two drivers; what they are told outside of prepared statements counts.
const { KEYFOLD_TEST_DIE_AT = '0', KEYFOLD_TEST_DIE_WHEN = 'before' } = process.env;
const dieAt = Number(KEYFOLD_TEST_DIE_AT);
let statements = 0;

function dying(run) {
  return function (...args) {
    statements += 1;
    const isLast = statements === dieAt;
    if (isLast && KEYFOLD_TEST_DIE_WHEN === 'before') process.kill(process.pid, 'SIGKILL');
    const result = run.apply(this, args);
    // PostgreSQL has it by then, or is about to: nobody waits for its answer.
    if (isLast) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const sqlite = require('better-sqlite3');
const { Client } = require('pg');
sqlite.prototype.exec = dying(sqlite.prototype.exec);
Client.prototype.query = dying(Client.prototype.query);
