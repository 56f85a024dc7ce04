import type { Configuration } from '../config.ts';
import { ConfigurationError } from '../config.ts';
import { localCaller } from '../model/operation.ts';
import { unmerge as undo } from '../operations/profiles/unmerge.ts';
import { findDomain } from '../repository/domains.ts';
import { listMerges, type MergeRow, NEWEST_MERGE } from '../repository/merge-images.ts';
import type { Repository } from '../repository/repository.ts';
import { createIds } from '../service/ids.ts';
import { type Print, readCommand } from './command.ts';
import { withRepository } from './with-repository.ts';

const json = { options: { json: { type: 'boolean' } } } as const;
const mergesForm = { name: 'merges', ...json, taken: { list: ['json'] } } as const;

/** How many merges are in memory at a time. */
const PAGE_MERGES = 100;

function describe({ mergeId, mainProfileId, ownerProfileId, ...merge }: MergeRow) {
  return {
    mergeId,
    merged: new Date(merge.createdAt).toISOString(),
    mainProfileId,
    profiles: merge.profiles,
    performedBy: merge.performedBy,
    ...(ownerProfileId !== mainProfileId && { mergedLaterInto: ownerProfileId }),
  };
}

function lineOf({
  mergeId,
  merged,
  mainProfileId,
  profiles,
  ...merge
}: ReturnType<typeof describe>) {
  const into = `${profiles} ${profiles === 1 ? 'profile' : 'profiles'} into ${mainProfileId}`;
  const later = merge.mergedLaterInto === undefined ? '' : `, later into ${merge.mergedLaterInto}`;
  return `${mergeId}  ${merged}  ${into}${later}, by ${merge.performedBy}`;
}

/**
 * `merges list DOMAIN`: the merges of a domain that can be undone, the newest first.
 *
 * @throws ConfigurationError when the command is wrong, or the domain isn't there.
 * @throws ServiceError ServiceUnavailableException when the database can't answer.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export async function merges(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<void> {
  const { action, operands, options, configuration } = readCommand(mergesForm, args, environment);
  const [domainName, ...more] = operands;
  if (action !== 'list' || domainName === undefined || more.length > 0)
    throw new ConfigurationError('merges takes: list DOMAIN [--account-id …] [--json]');
  const domain = { accountId: configuration.accountId, domainName };
  await withRepository(configuration, async ({ autocommit }) => {
    if ((await findDomain(autocommit, domain)) === undefined)
      throw new ConfigurationError(`account ${domain.accountId} has no domain '${domainName}'`);
    for (let before: string | undefined = NEWEST_MERGE; before !== undefined; ) {
      const page: MergeRow[] = await listMerges(autocommit, domain, before, PAGE_MERGES);
      for (const row of page) {
        const shown = describe(row);
        await print(options.json ? JSON.stringify(shown) : lineOf(shown));
      }
      before = page.at(PAGE_MERGES - 1)?.mergeId;
    }
  });
}

const unmergeForm = { name: 'unmerge', ...json, taken: {} } as const;

async function undoMerge(
  repository: Repository,
  { accountId, region, limits }: Configuration,
  mergeId: string,
): Promise<readonly string[]> {
  const caller = localCaller(accountId, region);
  const context = { caller, ids: createIds(), quotas: limits.quotas, now: Date.now() };
  const { profileIds } = await repository.write((session) => undo(session, context, mergeId));
  return profileIds;
}

/**
 * `unmerge MERGE_ID`: undoes a merge; `merges list` tells the ids.
 *
 * @throws NotUndoneError when it can't be.
 * @throws ConfigurationError when the command is wrong.
 * @throws ServiceError BadRequestException when a profile would be larger than the quotas allow,
 *   ServiceUnavailableException when the database can't answer.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export async function unmerge(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<void> {
  const {
    action: mergeId,
    operands,
    options,
    configuration,
  } = readCommand(unmergeForm, args, environment);
  if (!/^[0-9a-f]{32}$/.test(mergeId) || operands.length > 0)
    throw new ConfigurationError('unmerge takes MERGE_ID [--json]: 32 hex digits of `merges list`');
  const profileIds = await withRepository(configuration, (repository) =>
    undoMerge(repository, configuration, mergeId),
  );
  await print(
    options.json
      ? JSON.stringify({ mergeId, profileIds })
      : `Merge ${mergeId} is undone: ${profileIds.join(', ')}`,
  );
}
