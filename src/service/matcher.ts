import type { Logger } from 'pino';
import { asService, type WorkContext } from '../model/operation.ts';
import { advanceMatching } from '../operations/matching/advance.ts';
import { nextDomainWithChanges } from '../repository/rule-match-changes.ts';
import { domainsInRebuild } from '../repository/rule-match-rebuilds.ts';
import { Background } from './background.ts';

/** How soon after a write its profile is matched, and merged where the domain says so. */
const INTERVAL_MS = 1_000;
const DOMAINS_PER_PAGE = 100;

/** The domains in which matching has something to do, by id and each once. */
async function* domainsToMatch({ repository }: WorkContext): AsyncGenerator<string> {
  const session = repository.autocommit;
  let after = '';
  for (;;) {
    const page = await domainsInRebuild(session, after, DOMAINS_PER_PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < DOMAINS_PER_PAGE) break;
    after = last;
  }
  for (let domainId = await nextDomainWithChanges(session, ''); domainId !== undefined; ) {
    yield domainId;
    domainId = await nextDomainWithChanges(session, domainId);
  }
}

/**
 * Looks at changed profiles by the rules of their domains, and merges what matches where a domain wants
 * that, in small units between the requests. It starts over where a stopped process left off.
 */
export function startMatcher(context: () => WorkContext, log: Logger): Background {
  const work = async (isStopped: () => boolean) => {
    for await (const domainId of domainsToMatch(context())) {
      let hasMore = true;
      while (hasMore && !isStopped()) {
        const step = await advanceMatching(asService(context()), domainId);
        ({ hasMore } = step);
        for (const matchId of step.refused)
          log.warn(
            { matchId },
            'a match is not merged: the profile would be larger than the quotas',
          );
      }
    }
  };
  return new Background({ name: 'matching', intervalMs: INTERVAL_MS, work, log });
}
