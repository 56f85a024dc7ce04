import { type Configuration, ConfigurationError, type Environment } from '../config.ts';
import { type Context, localCaller } from '../model/operation.ts';
import { replayDeadLetter } from '../operations/objects/replay-dead-letter.ts';
import {
  type DeadLetterRow,
  deadLetterIds,
  listDeadLetters,
  newestDeadLetter,
  removeDeadLetters,
} from '../repository/dead-letters.ts';
import { type DomainName, domainAbsent, findDomain } from '../repository/domains.ts';
import { inParts } from '../repository/lists.ts';
import type { Repository } from '../repository/repository.ts';
import { createIds } from '../service/ids.ts';
import { CliCommand, group, type Io, matching, type Print, storeSettings } from './command.ts';
import { withRepository } from './with-repository.ts';

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
      ? JSON.stringify({ total: counts })
      : `${stored} stored, ${refused} refused again, ${gone} not there (any more)`,
  );
  // Of all letters, those that are gone were replayed or deleted by somebody else meanwhile.
  return refused === 0 && (gone === 0 || named.length === 0);
}

async function remove(work: Work): Promise<boolean> {
  const { repository, domain, letterIds: named, isJson, print } = work;
  let deleted = 0;
  for await (const page of chosenLetters(work))
    deleted += await repository.write((session) =>
      removeDeadLetters(session, domain.domainId, page),
    );
  await print(isJson ? JSON.stringify({ deleted }) : `${deleted} deleted`);
  return named.length === 0 || deleted === named.length;
}

/**
 * Does an action on the letters of a domain.
 *
 * @throws AbsentError when the domain isn't there.
 * @throws ServiceError ServiceUnavailableException when the database can't answer.
 * @throws DatabaseRefusedError when the database must not be opened.
 */
function act(
  action: Action,
  configuration: Configuration,
  domainName: string,
  more: Pick<Work, 'letterIds' | 'isJson' | 'print'>,
): Promise<boolean> {
  const { accountId } = configuration;
  return withRepository(configuration, async (repository) => {
    const name = { accountId, domainName };
    const found = await findDomain(repository.autocommit, name);
    if (found === undefined) throw domainAbsent(name);
    const domain = { ...name, domainId: found.domainId };
    return action({ repository, configuration, domain, ...more });
  });
}

/** A letter among several. */
function letterId(value: string, before: readonly string[] = []): string[] {
  return [...before, matching(/^[0-9a-f]{32}$/, '32 hex digits')(value)];
}

/**
 * The letters that a command names, each once and the oldest first; none for all of them.
 *
 * @throws ConfigurationError when neither some are named nor all, or both.
 */
function chosenIds(
  command: CliCommand,
  letterIds: readonly string[],
  environment: Environment,
): string[] {
  const isAll = command.ownOptions(environment).all === true;
  if (isAll === letterIds.length > 0)
    throw new ConfigurationError(
      `dead-letters ${command.name()} takes the ids of letters, or ${isAll ? command.sourceOf('all', environment) : '--all'} for every one`,
    );
  return [...new Set(letterIds)].sort();
}

function listCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('list')
    .description('list them, the oldest first: id, time, type, who sent it, why it was refused')
    .argument('<domain>', 'its name')
    .own('--json', 'print each as a line of JSON, with the object')
    .settings(...storeSettings, 'account-id')
    .example('keyfold dead-letters list customers --json');
  return command.action(async (domainName: string) => {
    const isJson = command.ownOptions(environment).json === true;
    const work = { letterIds: [], isJson, print };
    if (!(await act(list, command.configuration(environment), domainName, work))) fail();
  });
}

function replayCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('replay')
    .description('store them again; exit code 1 if one is refused again or does not exist')
    .argument('<domain>', 'its name')
    .argument('[letter-ids...]', 'which of them', letterId)
    .ownConsent('all', 'all of them')
    .own(
      '--json',
      'print what became of each as a line of JSON, then one with nothing but the "total"',
    )
    .settings(...storeSettings, 'account-id', 'region', 'limits')
    .example('keyfold dead-letters replay customers --all');
  return command.action(async (domainName: string, named: string[] = []) => {
    const letterIds = chosenIds(command, named, environment);
    const isJson = command.ownOptions(environment).json === true;
    const work = { letterIds, isJson, print };
    if (!(await act(replay, command.configuration(environment), domainName, work))) fail();
  });
}

function deleteCommand({ environment, print, fail }: Io): CliCommand {
  const command = new CliCommand('delete')
    .description('delete them; exit code 1 if one does not exist')
    .argument('<domain>', 'its name')
    .argument('[letter-ids...]', 'which of them', letterId)
    .ownConsent('all', 'all of them')
    .own('--json', 'print how many were there as a line of JSON')
    .settings(...storeSettings, 'account-id')
    .example('keyfold dead-letters delete customers --all');
  return command.action(async (domainName: string, named: string[] = []) => {
    const letterIds = chosenIds(command, named, environment);
    const isJson = command.ownOptions(environment).json === true;
    const work = { letterIds, isJson, print };
    if (!(await act(remove, command.configuration(environment), domainName, work))) fail();
  });
}

/** `dead-letters list|replay|delete`: what became of objects that were refused. */
export function deadLettersCommand(io: Io): CliCommand {
  const commands = [listCommand(io), replayCommand(io), deleteCommand(io)];
  return group('dead-letters', 'list, store again or delete refused objects', commands, [
    'keyfold dead-letters list customers',
    'keyfold dead-letters replay customers --all',
  ]);
}
