import type { UnitContext } from '../model/operation.ts';
import {
  type DomainName,
  type DomainRow,
  domainAbsent,
  findDomain,
} from '../repository/domains.ts';
import { AlreadyExistsError, MissingParentError } from '../repository/errors.ts';
import {
  advanceImport,
  findImport,
  type ImportRow,
  insertImport,
  removeImport,
} from '../repository/imports.ts';
import type { Repository } from '../repository/repository.ts';
import type { WriteSession } from '../repository/session.ts';
import type { ReadRecord, RefusedItem } from './decode.ts';
import { TransferRefusedError } from './errors.ts';
import { type FileSource, openSource, type SourceOptions } from './file-source.ts';
import type { ImportedProfile } from './imported-profile.ts';
import { RejectFile, requireNew } from './reject-file.ts';
import { type Outcome, storeProfiles } from './store-profiles.ts';

/** How much goes into one unit of work: other writers wait for it, and a stop for the rest of it. */
const UNIT_PROFILES = 256;
const UNIT_BYTES = 4 * 1024 * 1024;

/** How far an import has come. */
export interface ImportProgress {
  /** Of the file, in bytes. */
  readonly position: number;
  readonly size: number;
  /** Rows that were taken or rejected, by this run and those before it. */
  readonly rows: number;
}

export interface ImportRequest extends SourceOptions {
  /** Where rejected rows go. */
  readonly rejectsFile: string;
  /** Whether to begin anew with a file that was imported before. */
  readonly isAgain: boolean;
}

/** What an import works with. */
export interface ImportEnvironment {
  readonly repository: Repository;
  readonly domain: DomainName;
  /** Who imports, and when: asked for each unit of work. */
  context(): UnitContext;
  /** Asked between units of work. */
  isStopped(): boolean;
  /** Told where the import begins, or goes on. */
  onBegin(progress: ImportProgress): void;
  onProgress(progress: ImportProgress): void;
}

export interface ImportResult {
  /** `before`: the file was through when this run began. */
  readonly end: 'done' | 'stopped' | 'before';
  /** What this run and those before it have done. */
  readonly state: ImportRow;
  /** How many rows this run has gone through. */
  readonly rowsOfRun: number;
}

function rowsOf({ created, updated, rejected }: ImportRow): number {
  return created + updated + rejected;
}

/** Records in groups that fit into one unit of work. */
async function* unitsOf(records: AsyncIterable<ReadRecord>): AsyncGenerator<ReadRecord[]> {
  let unit: ReadRecord[] = [];
  let [profiles, bytes] = [0, 0];
  for await (const read of records) {
    const length = read.record.bytes?.length ?? 0;
    const isFull = profiles + read.items.length > UNIT_PROFILES || bytes + length > UNIT_BYTES;
    if (isFull && unit.length > 0) {
      yield unit;
      unit = [];
      [profiles, bytes] = [0, 0];
    }
    unit.push(read);
    profiles += read.items.length;
    bytes += length;
  }
  if (unit.length > 0) yield unit;
}

/** A line of the file of rejects. */
function rejectLine(line: number, { reason, row, number }: RefusedItem): string {
  return `${JSON.stringify({ Line: line, Profile: number, Reason: reason, Row: row })}\n`;
}

/** What the rows of a unit have come to. */
class Tally {
  created = 0;
  updated = 0;
  rejected = 0;
  unclearKeys = 0;
  rejects = '';

  add(line: number, item: ReadRecord['items'][number], outcome: Outcome | undefined): void {
    if ('reason' in item || outcome?.kind === 'rejected') {
      const reason = 'reason' in item ? item.reason : (outcome as { reason: string }).reason;
      this.rejected += 1;
      this.rejects += rejectLine(line, { reason, row: item.row, number: item.number });
    } else if (outcome !== undefined) {
      this[outcome.kind] += 1;
      this.unclearKeys += item.profile.unclearKeys;
    }
  }
}

/** The import of one file: its state is that of the last unit that was stored. */
class FileImport {
  readonly #environment: ImportEnvironment;
  readonly #domainId: string;
  #state: ImportRow;

  constructor(environment: ImportEnvironment, state: ImportRow) {
    this.#environment = environment;
    this.#domainId = state.domainId;
    this.#state = state;
  }

  get state(): ImportRow {
    return this.#state;
  }

  /** @throws AbsentError when the domain is gone, or another one has its name. */
  async #domain(session: WriteSession): Promise<DomainRow> {
    const { domain } = this.#environment;
    const found = await findDomain(session, domain);
    if (found?.domainId !== this.#domainId) throw domainAbsent(domain);
    return found;
  }

  async #advance(session: WriteSession, next: ImportRow): Promise<ImportRow> {
    if (!(await advanceImport(session, this.#state, next)))
      throw new TransferRefusedError('another process is importing the same file');
    return next;
  }

  /** Stores the profiles of records, with how far the import has come by that. */
  async store(records: readonly ReadRecord[]): Promise<void> {
    const { repository, domain } = this.#environment;
    const context = this.#environment.context();
    const profiles: ImportedProfile[] = records.flatMap(({ items }) =>
      items.flatMap((item) => ('profile' in item ? [item.profile] : [])),
    );
    const last = records.at(-1)?.record;
    if (last === undefined) return;
    const work = async (session: WriteSession): Promise<ImportRow> => {
      const row = await this.#domain(session);
      const outcomes = (await storeProfiles(session, context, row, profiles)).values();
      const tally = new Tally();
      for (const { record, items } of records)
        for (const item of items)
          tally.add(record.line, item, 'profile' in item ? outcomes.next().value : undefined);
      const before = this.#state;
      return this.#advance(session, {
        ...before,
        position: last.end,
        line: last.nextLine,
        created: before.created + tally.created,
        updated: before.updated + tally.updated,
        rejected: before.rejected + tally.rejected,
        unclearKeys: before.unclearKeys + tally.unclearKeys,
        rejectsBytes: before.rejectsBytes + Buffer.byteLength(before.lastRejects),
        lastRejects: tally.rejects,
        updatedAt: context.now,
      });
    };
    this.#state = await repository.write(work).catch((error) => {
      throw error instanceof MissingParentError ? domainAbsent(domain) : error;
    });
  }

  async finish(): Promise<void> {
    const { repository } = this.#environment;
    const { now } = this.#environment.context();
    const ended = { ...this.#state, updatedAt: now, endedAt: now };
    this.#state = await repository.write((session) => this.#advance(session, ended));
  }
}

function newState({ fingerprint, start }: FileSource, domainId: string, now: number): ImportRow {
  return {
    domainId,
    fingerprint,
    ...start,
    created: 0,
    updated: 0,
    rejected: 0,
    unclearKeys: 0,
    rejectsBytes: 0,
    lastRejects: '',
    startedAt: now,
    updatedAt: now,
    endedAt: null,
  };
}

/** Where the import of the file was, or its beginning. */
async function stateOf(
  { repository, domain, context }: ImportEnvironment,
  { rejectsFile, isAgain }: ImportRequest,
  source: FileSource,
): Promise<ImportRow> {
  const found = await findDomain(repository.autocommit, domain);
  if (found === undefined) throw domainAbsent(domain);
  const name = { domainId: found.domainId, fingerprint: source.fingerprint };
  const state = await findImport(repository.autocommit, name);
  if (state !== undefined && !isAgain) return state;
  await requireNew(rejectsFile);
  const begun = newState(source, found.domainId, context().now);
  try {
    await repository.write(async (session) => {
      if (isAgain) await removeImport(session, name);
      await insertImport(session, begun);
    });
  } catch (error) {
    if (error instanceof MissingParentError) throw domainAbsent(domain);
    if (!(error instanceof AlreadyExistsError)) throw error;
    throw new TransferRefusedError('another process is importing the same file');
  }
  return begun;
}

/**
 * Imports a file of profiles into a domain, from where an earlier run was stopped or from its beginning. Each unit
 * of work stores some rows together with how far the import has come, so that nothing is lost and nothing done twice,
 * whatever stops the process.
 *
 * @throws AbsentError when the domain isn't there.
 * @throws TransferRefusedError when the file, its header or the file of rejects can't be taken, or another process
 *   imports the same file.
 */
export async function importFile(
  environment: ImportEnvironment,
  request: ImportRequest,
): Promise<ImportResult> {
  const source = await openSource(request);
  const state = await stateOf(environment, request, source);
  if (state.endedAt !== null) return { end: 'before', state, rowsOfRun: 0 };
  const rejects = new RejectFile(request.rejectsFile);
  try {
    await rejects.restore(state.rejectsBytes, state.lastRejects);
    const running = new FileImport(environment, state);
    const result = (end: ImportResult['end']): ImportResult => ({
      end,
      state: running.state,
      rowsOfRun: rowsOf(running.state) - rowsOf(state),
    });
    const { size } = source;
    const progress = () => ({
      position: running.state.position,
      size,
      rows: rowsOf(running.state),
    });
    environment.onBegin(progress());
    for await (const records of unitsOf(source.recordsFrom(state))) {
      if (environment.isStopped()) return result('stopped');
      await running.store(records);
      await rejects.append(running.state.lastRejects);
      environment.onProgress(progress());
    }
    await running.finish();
    return result('done');
  } finally {
    await rejects.close();
  }
}
