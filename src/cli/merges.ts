import type { Configuration } from '../config.ts';
import { localCaller } from '../model/operation.ts';
import { unmerge as undo } from '../operations/profiles/unmerge.ts';
import { domainAbsent, findDomain } from '../repository/domains.ts';
import { listMerges, type MergeRow, NEWEST_MERGE } from '../repository/merge-images.ts';
import type { Repository } from '../repository/repository.ts';
import { createIds } from '../service/ids.ts';
import { CliCommand, group, type Io, matching, type Print, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

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
 * Prints the merges of a domain that can be undone, the newest first.
 *
 * @throws AbsentError when the domain isn't there.
 * @throws ServiceError ServiceUnavailableException when the database can't answer.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
async function list(
  configuration: Configuration,
  domainName: string,
  { print, isJson }: { print: Print; isJson: boolean },
): Promise<void> {
  const domain = { accountId: configuration.accountId, domainName };
  await withRepository(configuration, async ({ autocommit }) => {
    if ((await findDomain(autocommit, domain)) === undefined) throw domainAbsent(domain);
    for (let before: string | undefined = NEWEST_MERGE; before !== undefined; ) {
      const page: MergeRow[] = await listMerges(autocommit, domain, before, PAGE_MERGES);
      for (const row of page) {
        const shown = describe(row);
        await print(isJson ? JSON.stringify(shown) : lineOf(shown));
      }
      before = page.at(PAGE_MERGES - 1)?.mergeId;
    }
  });
}

/** `merges list DOMAIN`: the merges of a domain that can be undone. */
export function mergesCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('list')
    .description('list the merges of a domain that can be undone, the newest first')
    .argument('<domain>', 'its name')
    .own('--json', 'print each as a line of JSON')
    .settings(...storeSettings, 'account-id')
    .example('keyfold merges list customers');
  command.action((domainName: string) => {
    const isJson = command.ownOptions(environment).json === true;
    return list(command.configuration(environment), domainName, { print, isJson });
  });
  const examples = ['keyfold merges list customers --json'];
  return group('merges', 'list the merges that can be undone', [command], examples);
}

/**
 * @throws NotUndoneError when it can't be.
 * @throws ServiceError BadRequestException when a profile would be larger than the quotas allow.
 */
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

/** `unmerge MERGE_ID`: undoes a merge. */
export function unmergeCommand({ environment, print }: Io): CliCommand {
  const command = new CliCommand('unmerge')
    .description('undo a merge: its profiles exist again')
    .argument(
      '<merge-id>',
      'as "keyfold merges list" shows it',
      matching(/^[0-9a-f]{32}$/, '32 hex digits'),
    )
    .own('--json', 'print the profiles as a line of JSON')
    .settings(...storeSettings, 'account-id', 'region', 'limits')
    .example('keyfold unmerge 019ab1c4f2d57d3e8a1b2c3d4e5f6071');
  return command.action(async (mergeId: string) => {
    const configuration = command.configuration(environment);
    const { json } = command.ownOptions(environment);
    const profileIds = await withRepository(configuration, (repository) =>
      undoMerge(repository, configuration, mergeId),
    );
    await print(
      json
        ? JSON.stringify({ mergeId, profileIds })
        : `Merge ${mergeId} is undone: ${profileIds.join(', ')}`,
    );
  });
}
