import { findDomainById } from '../../repository/domains.ts';
import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import { readCandidates } from './candidates.ts';
import { compareCandidates } from './compare.ts';
import type { JobContext } from './job-context.ts';
import { matchingPositionOf } from './matching-position.ts';
import { storeLinks } from './store-links.ts';

/**
 * Finds the profiles that are the same customer: walks through the values of the e-mail, phone and name
 * keys in the order of their index, compares those that share a value, and joins those that match.
 *
 * It takes memory for a page of the index and its profiles, whatever the size of the domain. The time is
 * that of reading each key once, and of comparing n·(n−1)/2 pairs for each value that n profiles share,
 * where n is at most 500: profiles that share a value with more people than that are not compared for it.
 *
 * Gives the job after each unit of work, and ends with the job when everything is read, or with undefined
 * when somebody else goes on with it or the domain is gone. What a stopped process has left out is done
 * when the page is read again: who is joined already is passed over then.
 */
export async function* findMatching(
  context: JobContext,
  job: JobRow,
): AsyncGenerator<JobRow, JobRow | undefined> {
  const { repository } = context;
  let current = job;
  for (;;) {
    const domain = await findDomainById(repository.autocommit, job.domainId);
    if (domain === undefined) return undefined;
    const page = await readCandidates(context, job.domainId, matchingPositionOf(current));
    for await (const unit of compareCandidates(context, domain, current, page)) {
      const read = current;
      const stored = await repository.write((session) =>
        storeLinks(session, read, unit, context.now()),
      );
      if (stored === undefined) return undefined;
      current = stored;
      yield stored;
    }
    if (page.isLast) return current;
    await context.pause();
  }
}
