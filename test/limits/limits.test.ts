import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awsRates } from '../../src/limits/aws-rates.ts';
import {
  defaultLimits,
  LimitsRefusedError,
  publishedQuotas,
  readLimits,
} from '../../src/limits/limits.ts';
import { temporaryFolder } from '../support/folder.ts';
import { model } from '../support/model.ts';

function fileOf(content: unknown): string {
  const file = join(temporaryFolder(), 'limits.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function refusal(setting: string): string {
  try {
    readLimits(setting);
  } catch (error) {
    expect(error).toBeInstanceOf(LimitsRefusedError);
    return (error as Error).message;
  }
  throw new Error('the limits were accepted');
}

describe('the published limits', () => {
  test('are those of the guide', () => {
    expect(publishedQuotas).toEqual({
      domains: 100,
      integrations: 50,
      profileBytes: 256_000,
      objectTypes: 100,
      objectTypeKeys: 10,
      objectBytes: 256_000,
      objectsPerProfile: 1_000,
      objectBytesPerProfile: 52_428_800,
    });
  });

  test('have a rate for every operation of the published table, and for no other', () => {
    expect([...awsRates.keys()].filter((name) => !(name in model.operations))).toEqual([]);
    const counts = new Map<number, number>();
    for (const { perSecond } of awsRates.values())
      counts.set(perSecond, (counts.get(perSecond) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ 1: 11, 5: 24, 10: 1, 100: 15 });
  });

  test('cover all workflow operations', () => {
    const workflows = Object.keys(model.operations).filter((name) => name.includes('Workflow'));
    expect(workflows.map((name) => awsRates.get(name)?.perSecond)).toEqual([5, 5, 5, 5, 5]);
  });

  test("let a second's worth through at once", () => {
    expect(awsRates.get('SearchProfiles')).toEqual({ perSecond: 100, burst: 100 });
    for (const { perSecond, burst } of awsRates.values()) expect(burst).toBe(perSecond);
  });
});

describe('readLimits', () => {
  test('has the published rates and quotas for aws', () => {
    expect(readLimits('aws')).toEqual({ rates: awsRates, quotas: publishedQuotas });
  });

  test('changes nothing for an empty file', () => {
    expect(readLimits(fileOf({}))).toEqual(defaultLimits);
  });

  test('has the rates of the file alone, whether Keyfold has the operation or not', () => {
    const rates = {
      SearchProfiles: 100,
      GetDomain: 0.25,
      PutProfileObject: 2.5,
      CreateDomain: { perSecond: 1, burst: 5 },
    };
    expect(readLimits(fileOf({ rates }))).toEqual({
      rates: new Map([
        ['SearchProfiles', { perSecond: 100, burst: 100 }],
        ['GetDomain', { perSecond: 0.25, burst: 1 }],
        ['PutProfileObject', { perSecond: 2.5, burst: 2.5 }],
        ['CreateDomain', { perSecond: 1, burst: 5 }],
      ]),
      quotas: publishedQuotas,
    });
  });

  test('changes the published rates with the base aws', () => {
    const { rates } = readLimits(fileOf({ base: 'aws', rates: { GetDomain: 7 } }));
    expect(rates).toEqual(new Map([...awsRates, ['GetDomain', { perSecond: 7, burst: 7 }]]));
  });

  test('has no limit where a quota is null, and the published one where it is absent', () => {
    expect(readLimits(fileOf({ quotas: { domains: 500 } })).quotas).toEqual({
      ...publishedQuotas,
      domains: 500,
    });
    for (const quota of Object.keys(publishedQuotas))
      expect(readLimits(fileOf({ quotas: { [quota]: null } })).quotas).toEqual({
        ...publishedQuotas,
        [quota]: Number.POSITIVE_INFINITY,
      });
  });

  const wrongRate = 'must be a number, or an object with the numbers perSecond and burst';
  const wrongCount = 'must be a whole number, or null for no limit';
  const notPositive = 'must be greater than 0, or null for no limit';

  test.each<[content: unknown, problem: string]>([
    [[], 'must be an object'],
    ['null', 'must be an object'],
    [{ rate: {} }, 'rate is not known'],
    [{ base: 'azure' }, 'base must be "aws"'],
    [{ rates: [] }, 'rates must be an object'],
    [{ rates: { Search: 1 } }, 'rates.Search is not an operation of the API'],
    [{ rates: { searchProfiles: 1 } }, 'rates.searchProfiles is not an operation of the API'],
    [{ rates: { toString: 1 } }, 'rates.toString is not an operation of the API'],
    [{ rates: { GetDomain: 0 } }, 'rates.GetDomain must be greater than 0'],
    [{ rates: { GetDomain: -1 } }, 'rates.GetDomain must be greater than 0'],
    [{ rates: { GetDomain: '1' } }, `rates.GetDomain ${wrongRate}`],
    [{ rates: { GetDomain: null } }, `rates.GetDomain ${wrongRate}`],
    ['{"rates": {"GetDomain": 1e999}}', `rates.GetDomain ${wrongRate}`],
    [{ rates: { GetDomain: { perSecond: 1 } } }, `rates.GetDomain ${wrongRate}`],
    [
      { rates: { GetDomain: { perSecond: 0, burst: 1 } } },
      'rates.GetDomain.perSecond must be greater than 0',
    ],
    [
      { rates: { GetDomain: { perSecond: 1, burst: 0.5 } } },
      'rates.GetDomain.burst must be at least 1',
    ],
    [
      { rates: { GetDomain: { perSecond: 1, burst: 1, per: 1 } } },
      'rates.GetDomain.per is not known',
    ],
    [{ quotas: null }, 'quotas must be an object'],
    [{ quotas: { profiles: 1 } }, 'quotas.profiles is not known'],
    [{ quotas: { domains: 0 } }, `quotas.domains ${notPositive}`],
    [{ quotas: { domains: -1 } }, `quotas.domains ${notPositive}`],
    [{ quotas: { domains: 1.5 } }, `quotas.domains ${wrongCount}`],
    [{ quotas: { profileBytes: '1' } }, `quotas.profileBytes ${wrongCount}`],
  ])('refuses %j in one line that names the file', (content, problem) => {
    const file = fileOf(content);
    expect(refusal(file)).toBe(`limits ${file}: ${problem}`);
  });

  test('refuses in one line a file that is not JSON, or not there', () => {
    const file = fileOf('{\n  "rates":\n    x\n}\n');
    expect(refusal(file)).toMatch(/^limits [^\n]*limits\.json: is not JSON: [^\n]+$/);
    const nowhere = join(temporaryFolder(), 'nowhere.json');
    expect(refusal(nowhere)).toMatch(/^limits [^\n]*nowhere\.json: can't be read: ENOENT[^\n]+$/);
  });
});
