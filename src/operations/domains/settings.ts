import type * as z from 'zod';
import { unknownNames } from '../../identity/matching-rules.ts';
import { badRequest } from '../../model/errors.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { TagMap } from '../shapes.ts';
import type { CreateDomainRequest, CreateDomainResponse, UpdateDomainRequest } from './shapes.ts';

type Created = z.output<typeof CreateDomainRequest>;

/** The settings that a domain's row holds as one document, as the API takes them. */
export type DomainSettings = Pick<
  Created,
  'DefaultEncryptionKey' | 'DeadLetterQueueUrl' | 'Matching' | 'RuleBasedMatching' | 'DataStore'
> & { Tags?: z.output<typeof TagMap> | undefined };

/** Weekly matching runs at this time unless the domain says otherwise (Amazon's guide). */
export const DEFAULT_JOB_SCHEDULE = { DayOfTheWeek: 'SATURDAY', Time: '00:00' } as const;

type RuleBasedMatching = NonNullable<Created['RuleBasedMatching']>;

/** Amazon's guide: custom rules come with both levels and a way to resolve conflicts. */
function checkRuleBasedMatching(matching: RuleBasedMatching): void {
  const [unknown] = unknownNames(matching);
  if (unknown !== undefined)
    throw badRequest(`RuleBasedMatching names ${unknown}, which profiles can't be matched by`);
  const { MatchingRules: rules } = matching;
  if (rules === undefined) return;
  for (const member of [
    'MaxAllowedRuleLevelForMatching',
    'MaxAllowedRuleLevelForMerging',
    'ConflictResolution',
  ] as const)
    if (matching[member] === undefined)
      throw badRequest(`RuleBasedMatching.${member} is required with MatchingRules`);
  for (const member of ['MaxAllowedRuleLevelForMatching', 'MaxAllowedRuleLevelForMerging'] as const)
    if ((matching[member] ?? 0) > rules.length)
      throw badRequest(
        `RuleBasedMatching.${member} must not be greater than the number of MatchingRules, ${rules.length}`,
      );
}

/**
 * Checks that there is a source where one is to win.
 *
 * @param owner the member that holds the ConflictResolution, with a dot behind it; empty for none.
 * @throws ServiceError BadRequestException.
 */
export function checkConflictResolution(
  owner: string,
  resolution: { ConflictResolvingModel: string; SourceName?: string | undefined } | undefined,
): void {
  if (resolution?.ConflictResolvingModel === 'SOURCE' && resolution.SourceName === undefined)
    throw badRequest(
      `${owner}ConflictResolution.SourceName is required with ConflictResolvingModel SOURCE`,
    );
}

/**
 * Checks what the shapes can't say about a domain's settings.
 *
 * @throws ServiceError BadRequestException.
 */
export function checkSettings(input: z.output<typeof UpdateDomainRequest>): void {
  const { Matching, RuleBasedMatching } = input;
  if (RuleBasedMatching?.Enabled) {
    checkRuleBasedMatching(RuleBasedMatching);
    checkConflictResolution('RuleBasedMatching.', RuleBasedMatching.ConflictResolution);
  }
  if (Matching?.Enabled)
    checkConflictResolution('Matching.AutoMerging.', Matching.AutoMerging?.ConflictResolution);
}

/** Absent keeps, an empty text removes, a structure replaces the one before as a whole. */
export function mergeSettings(
  before: DomainSettings,
  changes: z.output<typeof UpdateDomainRequest>,
): DomainSettings {
  const after: DomainSettings = {
    DefaultEncryptionKey: changes.DefaultEncryptionKey ?? before.DefaultEncryptionKey,
    DeadLetterQueueUrl: changes.DeadLetterQueueUrl ?? before.DeadLetterQueueUrl,
    Matching: changes.Matching ?? before.Matching,
    RuleBasedMatching: changes.RuleBasedMatching ?? before.RuleBasedMatching,
    DataStore: changes.DataStore ?? before.DataStore,
    Tags: before.Tags,
  };
  if (after.DefaultEncryptionKey === '') delete after.DefaultEncryptionKey;
  if (after.DeadLetterQueueUrl === '') delete after.DeadLetterQueueUrl;
  return after;
}

/** Milliseconds as the API's timestamps: seconds with a fraction. */
export function toTimestamp(milliseconds: number): number {
  return milliseconds / 1000;
}

/** Whether rule-based matching is on. */
export function isRuleMatching({ RuleBasedMatching }: DomainSettings): boolean {
  return RuleBasedMatching?.Enabled ?? false;
}

/** Whether two settings lead to different matches, or to different merges of them. */
export function matchDifferently(before: DomainSettings, after: DomainSettings): boolean {
  const effective = (settings: DomainSettings) => {
    if (!isRuleMatching(settings)) return '';
    // Where results would be exported to changes none of them.
    const { ExportingConfig: _, ...rules } = settings.RuleBasedMatching ?? {};
    return JSON.stringify(rules);
  };
  return effective(before) !== effective(after);
}

/**
 * A domain as CreateDomain, GetDomain and UpdateDomain show it. A capability that is switched off is
 * absent, as the cloud service shows it.
 *
 * @param isMatchingRebuilt whether rule-based matching still looks at the profiles that were there when
 *   it was configured.
 */
export function describeDomain(
  row: DomainRow,
  isMatchingRebuilt = false,
): z.output<typeof CreateDomainResponse> {
  const settings = JSON.parse(row.settings) as DomainSettings;
  const { Matching, RuleBasedMatching, DataStore } = settings;
  return {
    DomainName: row.name,
    DefaultExpirationDays: row.defaultExpirationDays,
    DefaultEncryptionKey: settings.DefaultEncryptionKey,
    DeadLetterQueueUrl: settings.DeadLetterQueueUrl,
    Matching: Matching?.Enabled ? { JobSchedule: DEFAULT_JOB_SCHEDULE, ...Matching } : undefined,
    RuleBasedMatching: RuleBasedMatching?.Enabled
      ? { ...RuleBasedMatching, Status: isMatchingRebuilt ? 'IN_PROGRESS' : 'ACTIVE' }
      : undefined,
    DataStore: DataStore?.Enabled
      ? { Enabled: true, Readiness: { ProgressPercentage: 100 } }
      : undefined,
    CreatedAt: toTimestamp(row.createdAt),
    LastUpdatedAt: toTimestamp(row.updatedAt),
    Tags: settings.Tags,
  };
}
