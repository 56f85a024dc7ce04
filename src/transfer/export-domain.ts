import { setImmediate } from 'node:timers/promises';
import { countsOfDomain } from '../repository/domain-counts.ts';
import { type DomainName, domainAbsent, findDomain } from '../repository/domains.ts';
import { pagesOfProfiles } from '../repository/profile-pages.ts';
import type { Repository } from '../repository/repository.ts';
import type { Session } from '../repository/session.ts';
import { type Column, cellsOf, columnOf, inOrder, nameOfColumn } from './columns.ts';
import { toRow } from './csv.ts';
import { TransferRefusedError } from './errors.ts';
import { type ExportedProfile, exportedProfile } from './exported-profile.ts';
import type { Format } from './formats.ts';
import { toLine } from './ndjson.ts';

/** How many columns a CSV file has at most: beyond, nothing reads it, and they are held in memory. */
const COLUMNS_MAX = 10_000;

export interface ExportRequest {
  readonly domain: DomainName;
  readonly format: Format;
  /** Profiles that have expired by then are left out; milliseconds since the epoch. */
  readonly now: number;
}

export interface ExportEnvironment {
  readonly repository: Repository;
  /** Takes whole lines; resolves when there is room for more. */
  write(text: string): Promise<void>;
  /** @param total by the domain's count, in which expired profiles may still be. */
  onProgress(profiles: number, total: number): void;
  /** Stops it between two pages. */
  readonly signal?: AbortSignal | undefined;
}

type Pages = () => AsyncGenerator<ExportedProfile[]>;

/** The columns that the profiles have, and those that every profile has. */
async function columnsOf(pages: Pages): Promise<Column[]> {
  const names = new Set<string>(['ProfileId', 'CreatedAt', 'UpdatedAt', 'ExpiresAt']);
  for await (const page of pages()) {
    for (const profile of page) for (const name of cellsOf(profile).keys()) names.add(name);
    if (names.size > COLUMNS_MAX)
      throw new TransferRefusedError(
        `the profiles have more than ${COLUMNS_MAX} fields and keys by different names: export them with --format ndjson`,
      );
  }
  return inOrder([...names].flatMap((name) => columnOf(name) ?? []));
}

/** What makes the text of profiles, and what stands before the first. */
async function textOf(format: Format, pages: Pages) {
  if (format === 'ndjson') return { head: '', text: toLine };
  const columns = (await columnsOf(pages)).map(nameOfColumn);
  const text = (profile: ExportedProfile) => {
    const cells = cellsOf(profile);
    return toRow(columns.map((column) => cells.get(column) ?? ''));
  };
  return { head: toRow(columns), text };
}

async function exportFrom(
  session: Session,
  { write, onProgress, signal }: ExportEnvironment,
  { domain, format, now }: ExportRequest,
): Promise<number> {
  const found = await findDomain(session, domain);
  if (found === undefined) throw domainAbsent(domain);
  const { domainId } = found;
  const { profiles: total } = await countsOfDomain(session, domainId);
  const pages: Pages = async function* () {
    for await (const page of pagesOfProfiles(session, domainId, now)) {
      // SQLite answers at once: without a pause nothing else would be heard before the end.
      await setImmediate();
      signal?.throwIfAborted();
      yield page.map(exportedProfile);
    }
  };
  const { head, text } = await textOf(format, pages);
  if (head !== '') await write(head);
  let profiles = 0;
  for await (const page of pages()) {
    await write(page.map(text).join(''));
    profiles += page.length;
    onProgress(profiles, total);
  }
  return profiles;
}

/**
 * Exports the profiles of a domain, all as they were at one moment, a page at a time.
 *
 * @returns how many they are.
 * @throws AbsentError when the domain isn't there.
 * @throws TransferRefusedError when CSV would have too many columns.
 * @throws the reason of the signal that has stopped it.
 * @throws UnavailableError when the database goes away.
 */
export function exportDomain(
  environment: ExportEnvironment,
  request: ExportRequest,
): Promise<number> {
  return environment.repository.snapshot((session) => exportFrom(session, environment, request));
}
