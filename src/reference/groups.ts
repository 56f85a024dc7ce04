/** What lies under the profiles of a domain and is a group of its own. */
const underProfiles: Readonly<Record<string, string>> = {
  keys: 'Profile keys',
  objects: 'Profile objects',
  'history-records': 'Profile history',
  ruleBasedMatches: 'Matches',
};

/** What lies under a domain, where its name isn't already the group's. */
const underDomain: Readonly<Record<string, string>> = {
  'batch-get-profiles': 'Profiles',
  detect: 'Object types',
  'profile-attributes': 'Attributes',
};

/** `object-types` as `Object types`. */
function titleOf(segment: string): string {
  const text = segment.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The group that an operation is shown in, by its path in the model. */
export function groupOf(path: string): string {
  const literals = path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'));
  const [root = '', kind, ...rest] = literals;
  if (root !== 'domains' || kind === undefined) return titleOf(root);
  if (rest.includes('attributes')) return 'Attributes';
  // MergeProfiles is about profiles, whatever its path says.
  const isMerge = kind === 'profiles' && rest.at(-1) === 'merge';
  const inProfiles = kind === 'profiles' && !isMerge ? underProfiles[rest[0] ?? ''] : undefined;
  return inProfiles ?? underDomain[kind] ?? titleOf(kind);
}

/** What the groups are about. */
const descriptions: Readonly<Record<string, string>> = {
  Attributes:
    'What the objects and profiles of a domain have for attributes, and their statistics.',
  Domains: 'A domain holds the profiles of one business, and how they are matched.',
  'Identity resolution jobs': 'The weekly runs that look for duplicates.',
  Integrations: 'Where objects come from. Kept, without moving any data.',
  Matches: 'Profiles that are taken for the same customer.',
  'Object types': 'How objects map to profiles and keys.',
  'Profile history': 'What has happened to a profile, and by whom.',
  'Profile keys': 'What profiles are found by, beside their standard fields.',
  'Profile objects': 'What is known of a customer from each source.',
  Profiles: 'Customers, by their standard fields and attributes of your own.',
  Tags: 'Tags of domains, object types and integrations.',
  Templates: 'Object types to start from.',
  Workflows: 'Always none: they would move data.',
};

/** @throws Error for a group that nobody has described. */
export function describeGroup(group: string): string {
  const description = descriptions[group];
  if (description === undefined) throw new Error(`the group ${group} has no description`);
  return description;
}
