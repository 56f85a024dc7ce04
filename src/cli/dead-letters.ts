import { type Configuration, ConfigurationError } from '../config.ts';
import { type Context, localCaller } from '../model/operation.ts';
import { replayDeadLetter } from '../operations/objects/replay-dead-letter.ts';
import {
  type DeadLetterRow,
  deadLetterIds,
  listDeadLetters,
  newestDeadLetter,
  removeDeadLetters,
} from '../repository/dead-letters.ts';
import { type DomainName, findDomain } from '../repository/domains.ts';
import { inParts } from '../repository/lists.ts';
import type { Repository } from '../repository/repository.ts';
import { createIds } from '../service/ids.ts';
import { type Command, type Print, readCommand } from './command.ts';
import { withRepository } from './with-repository.ts';

const form = {
  name: 'dead-letters',
  options: { all: { type: 'boolean' }, json: { type: 'boolean' } },
  taken: { list: ['json'], replay: ['all', 'json'], delete: ['all'] },
} as const;

const usage =
  'dead-letters takes one of: list DOMAIN [--json]; replay DOMAIN LETTER_ID… [--json]; replay DOMAIN --all [--json]; delete DOMAIN LETTER_ID…; delete DOMAIN --all; each with [--account-id …]';

/** How many letters are in memory at a time: each may be as large as an object. */
const PAGE_LETTERS = 20;
/** How many ids are, and how many letters go in one unit of work. */
const PAGE_IDS = 100;

/** What an action works on. */
interface Work {
  readonly repository: Repository;
  readonly configuration: Configuration;
  readonly domain: DomainName & { readonly domainId: string };
  /** The letters that were named, each once and the oldest first; none for all. */
  readonly letterIds: readonly string[];
  readonly isJson: boolean;
  readonly print: Print;
}

/** Whether everything that was asked for could be done. */
type Action = (work: Work) => Promise<boolean>;

function describe(letter: DeadLetterRow) {
  const { letterId, createdAt, objectTypeName, performedBy, reason } = letter;
  return {
    letterId,
    created: new Date(createdAt).toISOString(),
    objectTypeName,
    performedBy,
    reason,
  };
}

/** A reason may name a date format, and that any text. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

async function list({ repository, domain, isJson, print }: Work): Promise<boolean> {
  let after = '';
  for (;;) {
    const page = await listDeadLetters(repository.autocommit, domain, after, PAGE_LETTERS);
    for (const letter of page) {
      const shown = describe(letter);
      await print(
        isJson
          ? JSON.stringify({ ...shown, document: letter.document })
          : onOneLine(Object.values(shown).join('  ')),
      );
      after = letter.letterId;
    }
    if (page.length < PAGE_LETTERS) return true;
  }
}

/** All ids of letters, oldest first, a page at a time. What comes meanwhile is not among them. */
async function* allLetters({ repository, domain }: Work): AsyncGenerator<string[]> {
  const { autocommit } = repository;
  const last = await newestDeadLetter(autocommit, domain.domainId);
  if (last === undefined) return;
  let after = '';
  while (after < last) {
    const letters = { after, last, limit: PAGE_IDS };
    const page = await deadLetterIds(autocommit, domain.domainId, letters);
    yield page;
    after = page.at(-1) ?? last;
  }
}

/** The ids of the letters that a command is about. */
async function* chosenLetters(work: Work): AsyncGenerator<string[]> {
  if (work.letterIds.length === 0) yield* allLetters(work);
  else yield* inParts(work.letterIds, PAGE_IDS);
}

/** What the service would put objects with; who sends them the letters say. */
function contextOf({ repository, configuration }: Work, ids: Context['ids']): Context {
  const { accountId, region, limits } = configuration;
  return {
    repository,
    caller: localCaller(accountId, region),
    ids,
    quotas: limits.quotas,
    now: Date.now(),
    pagePosition: () => undefined,
    nextToken: () => '',
    wakeSweeper: () => {},
  };
}

/** One after another, in the order in which they came: later ones may be later versions. */
async function replay(work: Work): Promise<boolean> {
  const { domain, letterIds: named, isJson, print } = work;
  const ids = createIds();
  const counts = { stored: 0, refused: 0, gone: 0 };
  for await (const page of chosenLetters(work))
    for (const letterId of page) {
      const context = contextOf(work, ids);
      const { outcome, ...more } = await replayDeadLetter(context, domain, letterId);
      counts[outcome] += 1;
      if (isJson) await print(JSON.stringify({ letterId, outcome, ...more }));
    }
  const { stored, refused, gone } = counts;
  await print(
    isJson
      ? JSON.stringify(counts)
      : `${stored} stored, ${refused} refused again, ${gone} not there (any more)`,
  );
  // Of all letters, those that are gone were replayed or deleted by somebody else meanwhile.
  return refused === 0 && (gone === 0 || named.length === 0);
}

async function remove(work: Work): Promise<boolean> {
  const { repository, domain, letterIds: named, print } = work;
  let deleted = 0;
  for await (const page of chosenLetters(work))
    deleted += await repository.write((session) =>
      removeDeadLetters(session, domain.domainId, page),
    );
  await print(`${deleted} deleted`);
  return named.length === 0 || deleted === named.length;
}

const actions: ReadonlyMap<string, Action> = new Map([
  ['list', list],
  ['replay', replay],
  ['delete', remove],
]);

/** The letters that a command names. @throws ConfigurationError when it is not complete, or has too much. */
function readLetterIds({ action, operands, options }: Command): string[] {
  const [domainName, ...letterIds] = operands;
  const namesSome = letterIds.length > 0;
  const isComplete = action === 'list' ? !namesSome : namesSome !== (options.all === true);
  if (domainName === undefined || !isComplete) throw new ConfigurationError(usage);
  const wrong = letterIds.find((letterId) => !/^[0-9a-f]{32}$/.test(letterId));
  if (wrong !== undefined)
    throw new ConfigurationError(`the id of a dead letter is 32 hex digits, not '${wrong}'`);
  return [...new Set(letterIds)].sort();
}

/**
 * `dead-letters list|replay|delete`: what became of objects that were refused.
 *
 * @returns whether all of it could be done: false when a letter was refused again, or one that was named
 *   is not there.
 * @throws ConfigurationError when the command is wrong.
 * @throws ServiceError ServiceUnavailableException when the database can't answer.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
export async function deadLetters(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Promise<boolean> {
  const command = readCommand(form, args, environment);
  const { action, operands, options, configuration } = command;
  const act = actions.get(action);
  if (act === undefined) throw new ConfigurationError(usage);
  const letterIds = readLetterIds(command);
  const [domainName = ''] = operands;
  const { accountId } = configuration;
  const isJson = options.json === true;
  return withRepository(configuration, async (repository) => {
    const found = await findDomain(repository.autocommit, { accountId, domainName });
    if (found === undefined)
      throw new ConfigurationError(`account ${accountId} has no domain '${domainName}'`);
    const domain = { accountId, domainName, domainId: found.domainId };
    return act({ repository, configuration, domain, letterIds, isJson, print });
  });
}
