import type { Logger } from 'pino';
import { asService, type WorkContext } from '../model/operation.ts';
import { mergeGroupsLeft } from '../operations/matching/merge-automatically.ts';
import { domainsWithRuleMatching } from '../repository/domains.ts';
import { allDomains } from './all-domains.ts';
import { Background } from './background.ts';

/** How often groups that were found and not merged are looked for. */
const INTERVAL_MS = 3_600_000;

/**
 * Merges the groups that matching has found and not merged, because the process stopped or could not
 * write at that moment: at the start, and each hour.
 */
export function startMerger(context: () => WorkContext, log: Logger): Background {
  const work = async (isStopped: () => boolean) => {
    const { autocommit } = context().repository;
    for await (const domainId of allDomains(autocommit, domainsWithRuleMatching)) {
      if (isStopped()) return;
      try {
        await mergeGroupsLeft(asService(context()), domainId, isStopped);
      } catch (error) {
        log.error({ err: error, domainId }, 'merging the matches of a domain failed');
      }
    }
  };
  return new Background({ name: 'merging', intervalMs: INTERVAL_MS, work, log });
}
