import type { Repository } from '../../src/repository/repository.ts';
import type { Session } from '../../src/repository/session.ts';

/** A repository that does some things in its own way, and the others as the one behind it. */
export function inFrontOf(behind: Repository, own: Partial<Repository>): Repository {
  return {
    autocommit: behind.autocommit,
    read: (work) => behind.read(work),
    snapshot: (work) => behind.snapshot(work),
    write: (work, place) => behind.write(work, place),
    inOrder: (tasks) => behind.inOrder(tasks),
    keepUp: () => behind.keepUp(),
    ping: () => behind.ping(),
    measure: () => behind.measure(),
    clear: () => behind.clear(),
    close: () => behind.close(),
    ...own,
  };
}

/** What a unit of work that writes has done. */
export interface Unit {
  statements: number;
}

/**
 * A repository that counts what happens on the one behind it: the statements of each unit that writes,
 * and how many rows any statement gives at most.
 */
export function meterUnits(behind: Repository) {
  const units: Unit[] = [];
  let most = 0;
  const note = <R>(rows: R): R => {
    if (Array.isArray(rows)) most = Math.max(most, rows.length);
    return rows;
  };
  const metered = (session: Session): Session => ({
    run: async (statement, parameters) => note(await session.run(statement, parameters)),
  });
  const repository = inFrontOf(behind, {
    snapshot: (work) => behind.snapshot((session) => work(metered(session))),
    read: (work) => behind.read((session) => work(metered(session))),
    write: (work, place) =>
      behind.write((session) => {
        const unit = { statements: 0 };
        units.push(unit);
        return work({
          run: async (statement, parameters) => {
            unit.statements += 1;
            return note(await session.run(statement, parameters));
          },
          last: (statement, parameters) => {
            unit.statements += 1;
            session.last(statement, parameters);
          },
          atEnd: (giveLast) => session.atEnd(giveLast),
        });
      }, place),
    autocommit: metered(behind.autocommit),
  });
  return { repository, units, rowsMax: () => most };
}
