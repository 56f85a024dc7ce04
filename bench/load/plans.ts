import aws4 from 'aws4';
import {
  CARD,
  cardOf,
  customer,
  DOMAIN,
  emailOf,
  fullNameOf,
  NEW,
  phoneOf,
  profileIdOf,
  REGION,
  scramble,
} from '../domains/customers.ts';
import { amazonHeaders, type PlannedRequest, requestOf } from './requests.ts';

/** What a plan needs to know. Each uses what concerns it. */
export interface PlanParameters {
  /** How many profiles the domain has. */
  readonly profiles?: number;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** For cognito-local. */
  readonly userPoolId?: string;
}

/** Makes request number `index`: always the same one. */
export type Plan = (index: number) => PlannedRequest;

/** An object type whose objects find their profile by e-mail address; see `defineTicket`. */
export const TICKET = 'ticket';
/** How many profiles one merge takes, besides the main one, and how many keys each has. */
export const MERGED_PROFILES = 20;
export const KEYS_PER_PROFILE = 100;

const inDomain = `/domains/${DOMAIN}`;
const search = `${inDomain}/profiles/search`;

/** Profile number `index` of a domain, in an order that has nothing to do with the store's. */
function anyone(index: number, { profiles = 1 }: PlanParameters): number {
  return scramble(index) % profiles;
}

function addKey(index: number, parameters: PlanParameters): string {
  const profileId = profileIdOf(anyone(index, parameters));
  return `{"ProfileId":"${profileId}","KeyName":"${CARD}","Values":["${cardOf(NEW + index)}"]}`;
}

/** A customer of nobody's household, number or address, as an object or as a profile. */
function stranger(index: number) {
  return customer(NEW + index);
}

function ticket(index: number, email: string): string {
  const object = {
    id: `T-${index}`,
    email,
    first: 'Ada',
    last: 'Botha',
    plan: `plan ${index % 7}`,
  };
  return JSON.stringify({ ObjectTypeName: TICKET, Object: JSON.stringify(object) });
}

/** The main profile of merge number `index`, and those that are merged into it. */
function mergeGroup(index: number): { main: string; others: string[] } {
  const first = index * (MERGED_PROFILES + 1);
  const [main = '', ...others] = Array.from({ length: MERGED_PROFILES + 1 }, (_, position) =>
    profileIdOf(first + position),
  );
  return { main, others };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

/** The same bytes go to a server that checks the signature and to one that doesn't. */
function signedAddKey(parameters: PlanParameters): Plan {
  const { accessKeyId = '', secretAccessKey = '' } = parameters;
  const path = `${inDomain}/profiles/keys`;
  return (index) => {
    const body = addKey(index, parameters);
    const { headers = {} } = aws4.sign(
      {
        service: 'profile',
        region: REGION,
        method: 'POST',
        path,
        body,
        headers: { Host: '127.0.0.1', 'Content-Type': 'application/json' },
      },
      { accessKeyId, secretAccessKey },
    );
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return { text: `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`, includes: '"Values"' };
  };
}

/** Every kind of request that the generator can send, by name. */
export const plans = {
  nothing: () => () => ({ text: requestOf('GET', '/', ''), includes: '{}' }),
  'add-key': (parameters) => (index) => ({
    text: requestOf('POST', `${inDomain}/profiles/keys`, addKey(index, parameters)),
    includes: '"Values"',
  }),
  'add-key-signed': signedAddKey,
  'add-100-keys': (parameters) => (index) => {
    const Values = Array.from({ length: KEYS_PER_PROFILE }, (_, position) =>
      cardOf(NEW + index * KEYS_PER_PROFILE + position),
    );
    const ProfileId = profileIdOf(anyone(index, parameters));
    return {
      text: requestOf(
        'POST',
        `${inDomain}/profiles/keys`,
        json({ ProfileId, KeyName: CARD, Values }),
      ),
      includes: '"Values"',
    };
  },
  'fill-up-keys': () => (index) => {
    const Values = Array.from({ length: KEYS_PER_PROFILE - 1 }, (_, position) =>
      cardOf(NEW + index * KEYS_PER_PROFILE + position),
    );
    return {
      text: requestOf(
        'POST',
        `${inDomain}/profiles/keys`,
        json({ ProfileId: profileIdOf(index), KeyName: CARD, Values }),
      ),
      includes: '"Values"',
    };
  },
  'create-profile': () => (index) => ({
    text: requestOf('POST', `${inDomain}/profiles`, json(stranger(index))),
    includes: '"ProfileId"',
  }),
  'search-hit': (parameters) => (index) => {
    const wanted = anyone(index, parameters);
    return {
      text: requestOf('POST', search, `{"KeyName":"_email","Values":["${emailOf(wanted)}"]}`),
      includes: profileIdOf(wanted),
    };
  },
  'search-miss': () => (index) => ({
    text: requestOf('POST', search, `{"KeyName":"_email","Values":["${emailOf(NEW + index)}"]}`),
    includes: '"Items":[]',
  }),
  'search-and': (parameters) => (index) => {
    const wanted = anyone(index, parameters);
    const second = { KeyName: '_phone', Values: [phoneOf(wanted)] };
    const both = {
      KeyName: '_fullName',
      Values: [fullNameOf(wanted)],
      AdditionalSearchKeys: [second],
      LogicalOperator: 'AND',
    };
    return { text: requestOf('POST', search, json(both)), includes: profileIdOf(wanted) };
  },
  'put-object-found': (parameters) => (index) => ({
    text: requestOf(
      'PUT',
      `${inDomain}/profiles/objects`,
      ticket(index, emailOf(anyone(index, parameters))),
    ),
    includes: '"ProfileObjectUniqueKey"',
  }),
  'put-object-created': () => (index) => ({
    text: requestOf(
      'PUT',
      `${inDomain}/profiles/objects`,
      ticket(NEW + index, emailOf(NEW + index)),
    ),
    includes: '"ProfileObjectUniqueKey"',
  }),
  merge: () => (index) => {
    const { main: MainProfileId, others: ProfileIdsToBeMerged } = mergeGroup(index);
    return {
      text: requestOf(
        'POST',
        `${inDomain}/profiles/objects/merge`,
        json({ MainProfileId, ProfileIdsToBeMerged }),
      ),
      includes: '"Message"',
    };
  },
  'dynalite-put': (parameters) => (index) => {
    const profile = { S: profileIdOf(anyone(index, parameters)) };
    const key = { S: `${CARD}#${cardOf(NEW + index)}` };
    return {
      text: requestOf(
        'POST',
        '/',
        json({ TableName: DOMAIN, Item: { profile, key } }),
        amazonHeaders('DynamoDB_20120810.PutItem'),
      ),
      includes: '{}',
    };
  },
  'cognito-create-group':
    ({ userPoolId }) =>
    (index) => ({
      text: requestOf(
        'POST',
        '/',
        json({ UserPoolId: userPoolId, GroupName: cardOf(NEW + index) }),
        amazonHeaders('AWSCognitoIdentityProviderService.CreateGroup'),
      ),
      includes: '"GroupName"',
    }),
} satisfies Record<string, (parameters: PlanParameters) => Plan>;

export type PlanName = keyof typeof plans;
