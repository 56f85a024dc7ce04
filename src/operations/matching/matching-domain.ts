import { compileRules, type MatchingRules } from '../../identity/matching-rules.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { DomainSettings } from '../domains/settings.ts';

/** A domain with the rules that apply in it. */
export interface MatchingDomain {
  readonly row: DomainRow;
  readonly settings: NonNullable<DomainSettings['RuleBasedMatching']>;
  readonly rules: MatchingRules;
}

/** The rules that apply in a domain; undefined where matching is off. */
export function matchingOf(row: DomainRow): MatchingDomain | undefined {
  const { RuleBasedMatching: settings } = JSON.parse(row.settings) as DomainSettings;
  return settings?.Enabled ? { row, settings, rules: compileRules(settings) } : undefined;
}
