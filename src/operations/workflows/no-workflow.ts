import { ServiceError } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import { requireDomain } from '../domains/require-domain.ts';

/**
 * Ends every operation on a single workflow: Keyfold creates none, so none is there.
 *
 * @throws ServiceError ResourceNotFoundException, for the domain when that isn't there either.
 */
export async function refuseWorkflow(
  { repository, caller }: Context,
  domainName: string,
): Promise<never> {
  await requireDomain(repository, { accountId: caller.accountId, domainName });
  throw new ServiceError('ResourceNotFoundException', 'The workflow does not exist');
}
