import type { Service } from '../../src/index.ts';
import { FakeClock } from '../support/clock.ts';
import { sharedDatabase } from '../support/database.ts';
import { openDump } from '../support/rows.ts';
import { startTestService } from '../support/service.ts';
import { expectWellFormed } from './answers.ts';
import { bytesOf, bytesOfText, type Request } from './encoding.ts';
import type { Likely } from './inputs.ts';
import { exchange, parseAnswers, type WireAnswer } from './wire.ts';

export const DOMAIN = 'world';
export const worldPath = `/domains/${DOMAIN}`;
export const PROFILE_ID = '1'.padStart(32, '0');
export const OTHER_PROFILE_ID = '2'.padStart(32, '0');

export const OBJECT_TYPE = 'Orders';

/** An object type, as it is shown too. */
export const typeBefore = {
  Description: 'd',
  AllowProfileCreation: false,
  Fields: { id: { Source: '_source.id', Target: '_order.OrderId' }, k: { Source: '_source.k' } },
  Keys: {
    id: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
    k: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['k'] }],
  },
  Tags: { a: 'b' },
};

/** An object of it, which its key gives to the first profile. */
const objectBefore = '{"id":1,"k":"v"}';
/** Three records come before it. */
const OBJECT_KEY = '4'.padStart(32, '0');
export const INTEGRATION_URI = 's3://bucket/é';
const domainArn = `arn:aws:profile:us-east-1:000000000000:domains/${DOMAIN}`;

export const domainBefore = {
  DefaultExpirationDays: 30,
  DefaultEncryptionKey: 'key',
  DeadLetterQueueUrl: 'queue',
  Matching: { Enabled: true },
  DataStore: { Enabled: true },
  Tags: { a: 'b' },
};

export const integrationBefore = {
  Uri: INTEGRATION_URI,
  ObjectTypeName: 'CTR',
  EventTriggerNames: ['trigger'],
  Tags: { a: 'b', plain: 'y' },
};

export const profileBefore = {
  FirstName: 'Ada',
  EmailAddress: 'ada@example.com',
  PhoneNumber: '555-123-4567',
  Address: { City: 'London', Country: 'UK' },
  Attributes: { toString: 'x', plain: 'y' },
  EngagementPreferences: { Phone: [] },
};

/** It matches the first one. */
export const otherProfileBefore = { FirstName: 'Ada', EmailAddress: 'ADA@example.com' };

/** The group of both profiles, and the job that has found it: five records come before that. */
export const matchBefore = {
  MatchId: '466a91238f18db10dde99a584e350dbd',
  ProfileIds: [PROFILE_ID, OTHER_PROFILE_ID],
  ConfidenceScore: 0.8571,
};
const JOB_ID = '6'.padStart(32, '0');

/** What is in the world, by the names of the members that name it. */
export const likely: Likely = {
  DomainName: [DOMAIN],
  ProfileId: [PROFILE_ID, OTHER_PROFILE_ID],
  ProfileIds: [PROFILE_ID, OTHER_PROFILE_ID],
  MainProfileId: [PROFILE_ID, OTHER_PROFILE_ID],
  ProfileIdsToBeMerged: [PROFILE_ID, OTHER_PROFILE_ID],
  // The first records of their history count from one, too.
  Id: [PROFILE_ID, OTHER_PROFILE_ID],
  ObjectTypeName: [OBJECT_TYPE, OBJECT_TYPE, OBJECT_TYPE, 'CTR', '_order'],
  Object: [objectBefore, '{"id":2,"k":"v","__proto__":{"a":[1.50,"\\u0000"]}}'],
  ProfileObjectUniqueKey: [OBJECT_KEY],
  AttributeName: ['id', '_source.k', 'FirstName', 'Address.City', 'Attributes.toString'],
  TemplateId: ['CTR'],
  KeyName: ['_email', '_phone', '_fullName', '_profileId', '_account', 'k'],
  JobId: [JOB_ID],
  SearchKey: ['profileId', 'matchId', '_profileId'],
  SearchValue: [PROFILE_ID, matchBefore.MatchId],
  MatchingAttributesList: ['FirstName', 'Attributes.toString', 'Address.City'],
  Uri: [INTEGRATION_URI],
  resourceArn: [domainArn, `${domainArn}/integrations/${INTEGRATION_URI}`],
  tagKeys: ['a', 'plain'],
  Values: ['ada@example.com', '555-123-4567', 'Ada', 'v', PROFILE_ID],
};

/** A service with a domain, two profiles that match and an integration, always of the same ids and times, and its store. */
export class World {
  readonly service: Service;
  readonly #dump: () => Promise<string>;
  readonly #restartIds: () => void;
  #whole: string | undefined;

  private constructor(service: Service, dump: () => Promise<string>, restartIds: () => void) {
    this.service = service;
    this.#dump = dump;
    this.#restartIds = restartIds;
  }

  static async open(): Promise<World> {
    let domains = 0;
    let profiles = 0;
    let records = 0;
    const ids = {
      domainId: () => (++domains).toString(16).padStart(16, '0'),
      profileId: () => (++profiles).toString(16).padStart(32, '0'),
      recordId: () => (++records).toString(16).padStart(32, '0'),
    };
    const database = await sharedDatabase();
    const clock = new FakeClock().read;
    const { service } = await startTestService({ database, durability: 'normal', clock, ids });
    return new World(service, await openDump(database), () => {
      domains = 0;
      profiles = 0;
      records = 0;
    });
  }

  /** Everything as it is at the beginning of a run. */
  async restore(): Promise<void> {
    if (this.#whole !== undefined && (await this.rows()) === this.#whole) return;
    await this.service.reset();
    this.#restartIds();
    const key = { ProfileId: PROFILE_ID, KeyName: 'k', Values: ['v'] };
    await this.call('POST', worldPath, domainBefore);
    await this.call('POST', `${worldPath}/profiles`, profileBefore);
    await this.call('POST', `${worldPath}/profiles`, otherProfileBefore);
    await this.call('POST', `${worldPath}/profiles/keys`, key);
    await this.call('PUT', `${worldPath}/object-types/${OBJECT_TYPE}`, typeBefore);
    const object = { ObjectTypeName: OBJECT_TYPE, Object: objectBefore };
    await this.call('PUT', `${worldPath}/profiles/objects`, object);
    await this.call('PUT', `${worldPath}/integrations`, integrationBefore);
    await this.service.resolve(DOMAIN);
    this.#whole = await this.rows();
  }

  /** Every row of the store. */
  rows(): Promise<string> {
    return this.#dump();
  }

  /** Sends a request; its answer must be well-formed, and no fault. */
  async send(request: Request): Promise<WireAnswer> {
    const bytes = await exchange(this.service, bytesOf(request));
    const [answer, ...more] = parseAnswers(bytes, request.method);
    if (answer === undefined || more.length > 0) throw new Error('not one answer');
    expectWellFormed(answer, request.method);
    return answer;
  }

  /** Sends a request that must succeed; gives the body of its answer. */
  async call(method: string, target: string, body: object = {}): Promise<Record<string, unknown>> {
    const document = bytesOfText(JSON.stringify(body));
    const headers = [
      ['Content-Type', 'application/json'],
      ['Content-Length', String(document.length)],
    ] as const;
    const answer = await this.send({ method, target, headers, body: document });
    if (answer.status !== 200) throw new Error(`${method} ${target} answered ${answer.body}`);
    return JSON.parse(answer.body);
  }
}
