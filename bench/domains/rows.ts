import type { Database } from 'better-sqlite3';
import { fieldKeys } from '../../src/identity/field-keys.ts';
import { allIndexedValues, compileRules } from '../../src/identity/matching-rules.ts';
import { applyFields } from '../../src/identity/profile-document.ts';
import type { Context } from '../../src/model/operation.ts';
import { encodeDocument, expiryOf } from '../../src/operations/profiles/document.ts';
import { CARD, profileIdOf } from './customers.ts';
import { type DomainPlan, EXPIRATION_DAYS, profileInputs } from './plan.ts';

/** The rules of a domain that only says that it matches. */
const rules = compileRules({});

/** The product counts a domain's profiles in parts, by the last digit of their ids. */
const COUNT_PARTS = 16;

/**
 * Inserts the rows that CreateProfile, AddProfileKey and matching leave of a profile that is like no
 * other, at a twentieth of what these take. {@link file://./check.ts} compares.
 */
export class ProfileRows {
  readonly #context: Context;
  readonly #domainId: string;
  readonly #plan: DomainPlan;
  readonly #counts = new Array<number>(COUNT_PARTS).fill(0);
  readonly #insert;

  constructor(connection: Database, context: Context, domainId: string, plan: DomainPlan) {
    this.#context = context;
    this.#domainId = domainId;
    this.#plan = plan;
    this.#insert = {
      profile: connection.prepare('insert into profiles values (?, ?, ?, 1, ?, ?, ?)'),
      key: connection.prepare("insert into profile_keys values (?, ?, ?, ?, ?, '', null)"),
      history: connection.prepare(
        "insert into profile_history values (?, ?, ?, '_profile', ?, null, ?, ?, ?)",
      ),
      value: connection.prepare('insert into rule_match_values values (?, ?, ?)'),
      count: connection.prepare(
        'insert into domain_counts (domain_id, shard, profile_count) values (?, ?, ?)',
      ),
    };
  }

  /** Inserts profile number `index`. */
  add(index: number): void {
    const { ids, quotas, caller, now } = this.#context;
    const { profile, key, history, value } = this.#insert;
    const domainId = this.#domainId;
    const profileId = profileIdOf(index);
    const { fields, cards } = profileInputs(index, this.#plan);
    const document = applyFields({}, fields);
    const record = (action: string, content: object) =>
      history.run(
        domainId,
        profileId,
        ids.recordId(now),
        action,
        caller.arn,
        JSON.stringify(content),
        now,
      );
    const text = encodeDocument(document, quotas.profileBytes);
    profile.run(domainId, profileId, text, now, now, expiryOf(now, EXPIRATION_DAYS));
    for (const { keyName, keyValue } of fieldKeys(profileId, document))
      key.run(domainId, profileId, keyName, keyValue, 'FIELD');
    record('CREATED', { ProfileId: profileId, ...document });
    for (const card of cards.toSorted()) key.run(domainId, profileId, CARD, card, 'API');
    record('ADDED_PROFILE_KEY', { KeyName: CARD, Values: cards });
    if (this.#plan.isMatching)
      for (const hash of allIndexedValues(rules, document)) value.run(domainId, hash, profileId);
    const part = Number.parseInt(profileId.slice(-1), COUNT_PARTS);
    this.#counts[part] = (this.#counts[part] ?? 0) + 1;
  }

  /** Counts what was inserted. */
  count(): void {
    for (const [part, profiles] of this.#counts.entries())
      if (profiles > 0) this.#insert.count.run(this.#domainId, part, profiles);
  }
}
