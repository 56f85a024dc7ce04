import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, structure } from '../../model/shapes.ts';
import { removeOldDeadLetters } from '../../repository/dead-letters.ts';
import { hideDomain, lockDomain, removeDomain } from '../../repository/domains.ts';
import { removeHistoryOfDomain } from '../../repository/history.ts';
import { removeIntegrationsOfDomain } from '../../repository/integrations.ts';
import { hasProfiles, removeProfilesOfDomain } from '../../repository/profiles.ts';
import { message, name } from '../shapes.ts';

/** How many profiles go in the unit of work that deletes their domain. */
export const DELETED_WITH_DOMAIN_MAX = 1_000;

/** The same for the records of their history. */
const RECORDS_DELETED_WITH_DOMAIN_MAX = 10_000;

/** The same for refused objects, each of which may be as large as an object. */
const LETTERS_DELETED_WITH_DOMAIN_MAX = 100;

/**
 * Deletes a domain with everything in it. A domain of up to a thousand profiles goes in one unit of
 * work. Of a larger one that unit takes the name away, so that nothing of it can be found or written
 * any more, and the sweeper removes the rest in small units: a million profiles in one unit would
 * hold up every other writer.
 */
export const deleteDomain = operation({
  name: 'DeleteDomain',
  method: 'DELETE',
  path: '/domains/{DomainName}',
  input: structure({ DomainName: label(name) }),
  output: structure({ Message: message }),
  async handler({ repository, caller, wakeSweeper }, { DomainName: domainName }) {
    const isRemoved = await repository.write(async (session) => {
      const { accountId } = caller;
      const domainId = await lockDomain(session, { accountId, domainName });
      if (domainId === undefined) throw domainNotFound(domainName);
      await removeProfilesOfDomain(session, domainId, DELETED_WITH_DOMAIN_MAX);
      const isLarger =
        (await hasProfiles(session, domainId)) ||
        (await removeHistoryOfDomain(session, domainId, RECORDS_DELETED_WITH_DOMAIN_MAX)) ||
        (await removeOldDeadLetters(session, domainId, LETTERS_DELETED_WITH_DOMAIN_MAX));
      if (isLarger) {
        await hideDomain(session, domainId);
        // What has the only integration of a Uri must not keep it while the sweeper is busy.
        await removeIntegrationsOfDomain(session, domainId);
      } else await removeDomain(session, domainId);
      return !isLarger;
    });
    if (!isRemoved) wakeSweeper();
    return { Message: 'OK' };
  },
});
