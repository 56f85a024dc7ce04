import type { Logger } from 'pino';
import { asService, type WorkContext } from '../model/operation.ts';
import { advanceMatching } from '../operations/matching/advance.ts';
import { nextDomainWithChanges } from '../repository/rule-match-changes.ts';
import { domainsInRebuild } from '../repository/rule-match-rebuilds.ts';
import { allDomains } from './all-domains.ts';
import { Background } from './background.ts';

/** How soon after a write its profile is matched, and merged where the domain says so. */
const INTERVAL_MS = 1_000;

/** The domains in which matching has something to do, by id and each once. */
async function* domainsToMatch({ repository }: WorkContext): AsyncGenerator<string> {
  const session = repository.autocommit;
  yield* allDomains(session, domainsInRebuild);
  for (let domainId = await nextDomainWithChanges(session, ''); domainId !== undefined; ) {
    yield domainId;
    domainId = await nextDomainWithChanges(session, domainId);
  }
}

/** How many steps a domain takes before others have their turn: one that is being filled takes thousands. */
const STEPS_PER_TURN = 20;

/** Lets a domain take some steps. Whether it wants more. */
async function takeTurn(
  context: () => WorkContext,
  domainId: string,
  log: Logger,
  isStopped: () => boolean,
): Promise<boolean> {
  for (let steps = 0; steps < STEPS_PER_TURN && !isStopped(); steps++) {
    const { hasMore, refused } = await advanceMatching(asService(context()), domainId);
    for (const matchId of refused)
      log.warn({ matchId }, 'a match is not merged: the profile would be larger than the quotas');
    if (!hasMore) return false;
  }
  return true;
}

/**
 * Looks at changed profiles by the rules of their domains, and merges what matches where a domain wants
 * that, in small units between the requests. It starts over where a stopped process left off. Domains take
 * turns, and one that fails keeps none of the others waiting: the next interval tries it again.
 */
export function startMatcher(context: () => WorkContext, log: Logger): Background {
  const work = async (isStopped: () => boolean) => {
    const failed = new Set<string>();
    for (let hasMore = true; hasMore && !isStopped(); ) {
      hasMore = false;
      for await (const domainId of domainsToMatch(context())) {
        if (isStopped()) return;
        if (failed.has(domainId)) continue;
        try {
          if (await takeTurn(context, domainId, log, isStopped)) hasMore = true;
        } catch (error) {
          failed.add(domainId);
          log.error({ err: error, domainId }, 'matching of a domain failed');
        }
      }
    }
  };
  return new Background({ name: 'matching', intervalMs: INTERVAL_MS, work, log });
}
