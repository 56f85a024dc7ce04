import { KEY_HOLDERS_MAX } from '../../identity/match-groups.ts';
import { type KeyPosition, listKeyHolders } from '../../repository/match-candidates.ts';
import type { JobContext } from './job-context.ts';
import { keyNames } from './matching-position.ts';

/**
 * How many rows of the key index are looked at in one go. More than a value may have, so that a value
 * which fills them all is one that is passed over.
 */
export const ROWS_PER_PAGE = 2 * KEY_HOLDERS_MAX;

/** Profiles that share a value of a key, and the value. */
interface Block {
  readonly keyValue: string;
  readonly profileIds: string[];
}

/** A part of the key index. */
export interface CandidatePage {
  readonly blocks: readonly Block[];
  /** Where the next page begins. */
  readonly end: KeyPosition;
  readonly isLast: boolean;
}

/** The next values of the key index with their profiles; those that many or only one has left out. */
export async function readCandidates(
  { repository }: JobContext,
  domainId: string,
  position: KeyPosition,
): Promise<CandidatePage> {
  const rows = await listKeyHolders(repository.autocommit, domainId, position, ROWS_PER_PAGE);
  const blocks: Block[] = [];
  for (const { keyValue, profileId } of rows) {
    const block = blocks.at(-1);
    if (block?.keyValue === keyValue) block.profileIds.push(profileId);
    else blocks.push({ keyValue, profileIds: [profileId] });
  }
  const isFull = rows.length === ROWS_PER_PAGE;
  // The last value of a full page may go on after it, unless it is the only one: that has too many.
  if (isFull && blocks.length > 1) blocks.pop();
  const next = keyNames[keyNames.indexOf(position.keyName) + 1];
  const after = blocks.at(-1)?.keyValue ?? position.after;
  return {
    blocks: blocks.filter(
      ({ profileIds }) => profileIds.length > 1 && profileIds.length <= KEY_HOLDERS_MAX,
    ),
    end:
      isFull || next === undefined
        ? { keyName: position.keyName, after }
        : { keyName: next, after: '' },
    isLast: !isFull && next === undefined,
  };
}
