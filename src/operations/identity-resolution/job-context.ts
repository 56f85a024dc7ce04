import { type Context, type Ids, type Quotas, serviceCaller } from '../../model/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { MergeGroup } from './merge-group.ts';

/** What a run of identity resolution may use: what an operation may, for hours instead of a moment. */
export interface JobContext {
  readonly repository: Repository;
  readonly ids: Ids;
  readonly quotas: Quotas;
  /** As in ARNs: `us-east-1`. */
  readonly region: string;
  readonly mergeGroup: MergeGroup;
  /** Milliseconds since the epoch, at this moment. */
  readonly now: () => number;
  /** Lets others have their turn: called now and then between long calculations. */
  readonly pause: () => Promise<void>;
}

/** What the service does in a domain of an account, at this moment. */
export function asService(
  { ids, quotas, region, now }: JobContext,
  accountId: string,
): Pick<Context, 'ids' | 'caller' | 'now' | 'quotas'> {
  return { ids, quotas, caller: serviceCaller(accountId, region), now: now() };
}
