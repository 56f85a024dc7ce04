import type { Logger } from 'pino';
import { asService, type WorkContext } from '../model/operation.ts';
import { advanceMatching } from '../operations/matching/advance.ts';
import { mergeGroupsLeft } from '../operations/matching/merge-automatically.ts';
import { domainsWithRuleMatching } from '../repository/domains.ts';
import { nextDomainWithChanges } from '../repository/rule-match-changes.ts';
import { domainsInRebuild } from '../repository/rule-match-rebuilds.ts';
import type { Session } from '../repository/session.ts';
import { Background } from './background.ts';

/** How soon after a write its profile is matched, and merged where the domain says so. */
const INTERVAL_MS = 1_000;
const DOMAINS_PER_PAGE = 100;

/** How often groups that were found and not merged are looked for, and at the start. */
const LEFT_INTERVAL_MS = 3_600_000;

/** All domains of a list that comes in pages. */
async function* allOf(
  session: Session,
  listPage: (session: Session, after: string, limit: number) => Promise<string[]>,
): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const page = await listPage(session, after, DOMAINS_PER_PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < DOMAINS_PER_PAGE) return;
    after = last;
  }
}

/** The domains in which matching has something to do, by id and each once. */
async function* domainsToMatch({ repository }: WorkContext): AsyncGenerator<string> {
  const session = repository.autocommit;
  yield* allOf(session, domainsInRebuild);
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
  let lookForLeftAt = 0;
  const work = async (isStopped: () => boolean) => {
    const trying = async <Result>(domainId: string, step: () => Promise<Result>) => {
      try {
        return await step();
      } catch (error) {
        log.error({ err: error, domainId }, 'matching of a domain failed');
        return undefined;
      }
    };
    if (Date.now() >= lookForLeftAt) {
      for await (const domainId of allOf(context().repository.autocommit, domainsWithRuleMatching))
        if (!isStopped())
          await trying(domainId, () => mergeGroupsLeft(asService(context()), domainId, isStopped));
      lookForLeftAt = Date.now() + LEFT_INTERVAL_MS;
    }
    for (let hasMore = true; hasMore && !isStopped(); ) {
      hasMore = false;
      for await (const domainId of domainsToMatch(context())) {
        if (isStopped()) return;
        if (await trying(domainId, () => takeTurn(context, domainId, log, isStopped)))
          hasMore = true;
      }
    }
  };
  return new Background({ name: 'matching', intervalMs: INTERVAL_MS, work, log });
}
