import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { asService } from '../../src/model/operation.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { mergeRuleMatch } from '../../src/operations/matching/merge-automatically.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { groupsOfProfile } from '../../src/repository/rule-matches.ts';
import { startMatcher } from '../../src/service/matcher.ts';
import { startMerger } from '../../src/service/merger.ts';
import { sharedDatabase } from '../support/database.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const RuleBasedMatching = {
  Enabled: true,
  MatchingRules: [{ Rule: ['BusinessName'] }, { Rule: ['AccountNumber'] }],
  MaxAllowedRuleLevelForMatching: 2,
  MaxAllowedRuleLevelForMerging: 1,
  ConflictResolution: { ConflictResolvingModel: 'RECENCY' as const },
};

/** A domain with two profiles that match. */
async function seedMatch(store: TestStore, DomainName: string) {
  await store.run(createDomain, { DomainName, DefaultExpirationDays: 1, RuleBasedMatching });
  const [profileId = ''] = await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
  const name = { accountId: '000000000000', domainName: DomainName };
  const domain = await findDomain(store.repository.autocommit, name);
  return { domainId: domain?.domainId ?? '', profileId };
}

test('a domain whose matching fails keeps none of the others from being matched', async () => {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  const domains = [await seedMatch(store, 'one'), await seedMatch(store, 'two')];
  const [broken, whole] = domains.toSorted((a, b) => (a.domainId < b.domainId ? -1 : 1));
  if (broken === undefined || whole === undefined) throw new Error('two domains');
  await changeRows(
    database,
    `update domains set settings = 'no JSON' where domain_id = '${broken.domainId}'`,
  );
  const matcher = startMatcher(() => store.context(), pino({ level: 'silent' }));
  onTestFinished(() => matcher.stop());
  await matcher.wake();
  expect(await groupsOfProfile(store.repository.autocommit, whole)).toHaveLength(1);
  expect(await groupsOfProfile(store.repository.autocommit, broken)).toEqual([]);
});

/** Lets matching, or merging, do all that there is to do, as a process does that stops then. */
async function runOnce(store: TestStore, start = startMatcher): Promise<void> {
  const background = start(() => store.context(), pino({ level: 'silent' }));
  await background.wake();
  await background.stop();
}

/** Says that level 2 is merged, past UpdateDomain, which has all profiles looked at anew. */
function mergeOnLevelTwo(database: string): Promise<void> {
  const settings = {
    RuleBasedMatching: { ...RuleBasedMatching, MaxAllowedRuleLevelForMerging: 2 },
  };
  return changeRows(database, `update domains set settings = '${JSON.stringify(settings)}'`);
}

test('a group that was found and not merged when the process stopped is merged by the next', async () => {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await seedMatch(store, 'one');
  await runOnce(store);
  expect(await countRows(database, 'merge_images')).toBe(0);
  await mergeOnLevelTwo(database);
  await runOnce(store, startMerger);
  expect(await countRows(database, 'rule_matches')).toBe(0);
  expect(await countRows(database, 'merge_images')).toBe(2);
  expect(await countRows(database, 'profiles')).toBe(1);
});

test('a group is merged by the rules of that moment, and not by those that it was found by', async () => {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  const { domainId, profileId } = await seedMatch(store, 'one');
  await runOnce(store);
  const [group] = await groupsOfProfile(store.repository.autocommit, { domainId, profileId });
  const merge = () => mergeRuleMatch(asService(store.context()), domainId, group?.matchId ?? '');
  expect(await merge()).toBe('unchanged');
  await mergeOnLevelTwo(database);
  expect(await merge()).toBe('merged');
});
