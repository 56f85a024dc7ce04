import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Quotas } from '../model/operation.ts';
import { operations } from '../operations/index.ts';
import { notImplemented } from '../operations/not-implemented.ts';
import { awsRates } from './aws-rates.ts';
import type { Rate } from './token-buckets.ts';

/** How often an account may call what, and how much it may store. */
export interface Limits {
  /** By the operation's name. Operations without a rate may be called at any. */
  readonly rates: ReadonlyMap<string, Rate>;
  readonly quotas: Quotas;
}

/** Limits that can't be used as they are. `message` is one line for the operator. */
export class LimitsRefusedError extends Error {
  override readonly name = 'LimitsRefusedError';
}

/**
 * Amazon's guide, "Service quotas": 100 domains, 50 integrations and 100 object types in a domain, 250 KB for a profile,
 * 10 keys in an object type, 250 KB for an object, 1,000 objects and 51,200 KB of them on a profile.
 */
export const publishedQuotas: Quotas = {
  domains: 100,
  integrations: 50,
  profileBytes: 250 * 1024,
  objectTypes: 100,
  objectTypeKeys: 10,
  objectBytes: 250 * 1024,
  objectsPerProfile: 1_000,
  objectBytesPerProfile: 51_200 * 1024,
};

/** What holds when nobody says otherwise: a service of one's own has no reason to slow one down. */
export const defaultLimits: Limits = { rates: new Map(), quotas: publishedQuotas };

const operationNames = new Set([...operations, ...notImplemented].map(({ name }) => name));

const perSecond = z.number().positive('must be greater than 0');

/** A bucket that holds less than one token would let nothing through. */
const rate = z
  .union(
    [perSecond, z.strictObject({ perSecond, burst: z.number().min(1, 'must be at least 1') })],
    'must be a number, or an object with the numbers perSecond and burst',
  )
  .transform(
    (value): Rate =>
      typeof value === 'number' ? { perSecond: value, burst: Math.max(1, value) } : value,
  );

function quota(published: number) {
  return z
    .int('must be a whole number, or null for no limit')
    .positive('must be greater than 0, or null for no limit')
    .nullable()
    .transform((value) => value ?? Number.POSITIVE_INFINITY)
    .default(published);
}

const limitsFile = z.strictObject(
  {
    base: z.literal('aws', 'must be "aws"').optional(),
    rates: z
      .record(
        z.string().refine((name) => operationNames.has(name)),
        rate,
        'must be an object',
      )
      .default({}),
    quotas: z
      .strictObject(
        {
          domains: quota(publishedQuotas.domains),
          integrations: quota(publishedQuotas.integrations),
          profileBytes: quota(publishedQuotas.profileBytes),
          objectTypes: quota(publishedQuotas.objectTypes),
          objectTypeKeys: quota(publishedQuotas.objectTypeKeys),
          objectBytes: quota(publishedQuotas.objectBytes),
          objectsPerProfile: quota(publishedQuotas.objectsPerProfile),
          objectBytesPerProfile: quota(publishedQuotas.objectBytesPerProfile),
        },
        'must be an object',
      )
      .prefault({}),
  },
  'must be an object',
);

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'invalid_key') return `${path} is not an operation of the API`;
  if (issue.code === 'unrecognized_keys')
    return `${[...issue.path, issue.keys[0]].join('.')} is not known`;
  return `${path} ${issue.message}`;
}

function refused(file: string, problem: string): LimitsRefusedError {
  return new LimitsRefusedError(`limits ${file}: ${problem}`.replaceAll(/\s+/g, ' '));
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw refused(file, `can't be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(file, `is not JSON: ${(error as Error).message}`);
  }
}

/**
 * The limits that a setting names: `aws`, the published rates and quotas, or the path of a JSON file
 * such as
 *
 *     {
 *       "base": "aws",
 *       "rates": { "SearchProfiles": 500, "CreateDomain": { "perSecond": 1, "burst": 5 } },
 *       "quotas": { "domains": 500, "profileBytes": null }
 *     }
 *
 * Every member may be absent. Rates are those of the file alone unless `base` says that it changes
 * the published ones; a single number lets a second's worth through at once. Quotas are the published
 * ones where the file has none, and `null` lifts one.
 *
 * @throws LimitsRefusedError that names the file and the first thing that is wrong in it.
 */
export function readLimits(setting: string): Limits {
  if (setting === 'aws') return { rates: awsRates, quotas: publishedQuotas };
  const parsed = limitsFile.safeParse(parseFile(setting));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(setting, issue === undefined ? 'is wrong' : describeIssue(issue));
  }
  const { base, rates, quotas } = parsed.data;
  const before = base === 'aws' ? awsRates : [];
  return { rates: new Map([...before, ...Object.entries(rates)]), quotas };
}
