import { describe, expect, test } from 'vitest';
import {
  type ProfileWithSources,
  resolveConflicts,
} from '../../src/identity/conflict-resolution.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

/** A profile whose fields came from objects: `FirstName` from a type, at a time. */
function profile(
  profileId: string,
  updatedAt: number,
  document: ProfileDocument,
  sources: Record<string, [objectTypeName: string, updatedAt: number]> = {},
): ProfileWithSources {
  return {
    profileId,
    document,
    updatedAt,
    sources: Object.entries(sources).map(([fieldName, [objectTypeName, at]]) => ({
      fieldName,
      objectTypeName,
      updatedAt: at,
    })),
  };
}

const recency = { ConflictResolvingModel: 'RECENCY' } as const;
const source = { ConflictResolvingModel: 'SOURCE', SourceName: 'crm' } as const;

describe('where several profiles have a field', () => {
  test('the newest value is taken', () => {
    const older = profile('older', 1, { FirstName: 'A', Attributes: { plan: 'a' } });
    const newer = profile('newer', 2, { FirstName: 'B', Attributes: { size: 'b' } });
    for (const resolution of [recency, undefined])
      expect([...resolveConflicts([older, newer], resolution)]).toEqual([
        ['FirstName', 'newer'],
        ['Attributes.plan', 'older'],
        ['Attributes.size', 'newer'],
      ]);
  });

  test('the time of its source counts where it came from an object', () => {
    const one = profile('one', 9, { FirstName: 'A' }, { FirstName: ['crm', 5] });
    const other = profile('other', 7, { FirstName: 'B' }, { FirstName: ['shop', 6] });
    expect(resolveConflicts([one, other], recency).get('FirstName')).toBe('other');
  });

  test('SOURCE: the named source comes first, then recency', () => {
    const crm = profile(
      'crm',
      1,
      { FirstName: 'A', Address: { City: 'A' } },
      {
        FirstName: ['crm', 1],
        'Address.City': ['other', 1],
      },
    );
    const shop = profile(
      'shop',
      2,
      { FirstName: 'B', Address: { City: 'B' } },
      {
        FirstName: ['shop', 2],
        'Address.City': ['shop', 2],
      },
    );
    const chosen = resolveConflicts([crm, shop], source);
    expect(chosen.get('FirstName')).toBe('crm');
    expect(chosen.get('Address')).toBe('shop');
  });

  test('what came through the API is not overwritten by what objects brought', () => {
    const entered = profile('entered', 1, { FirstName: 'A' });
    const ingested = profile('ingested', 9, { FirstName: 'B' }, { FirstName: ['crm', 9] });
    for (const resolution of [recency, source]) {
      expect(resolveConflicts([ingested, entered], resolution).get('FirstName')).toBe('entered');
      expect(resolveConflicts([entered, ingested], resolution).get('FirstName')).toBe('entered');
    }
  });

  test('of equals the first profile’s stays', () => {
    const [one, other] = [
      profile('one', 1, { FirstName: 'A' }),
      profile('other', 1, { FirstName: 'B' }),
    ];
    expect(resolveConflicts([one, other], recency).get('FirstName')).toBe('one');
  });
});
