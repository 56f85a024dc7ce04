import {
  AddProfileKeyCommand,
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  type CreateProfileCommandInput,
  type CustomerProfilesClient,
  DeleteProfileCommand,
  DeleteProfileKeyCommand,
  type Profile,
  SearchProfilesCommand,
  type SearchProfilesCommandInput,
  UpdateProfileCommand,
  type UpdateProfileCommandInput,
} from '@aws-sdk/client-customer-profiles';
import type { Service, ServiceOptions } from '../../src/index.ts';
import { startTestService } from './service.ts';

export type ProfileFields = Omit<CreateProfileCommandInput, 'DomainName'>;
export type ProfileChanges = Omit<UpdateProfileCommandInput, 'DomainName' | 'ProfileId'>;
export type Search = Omit<SearchProfilesCommandInput, 'DomainName'>;

/** The profiles of one domain, through the official client. */
export class Customers {
  readonly service: Service;
  readonly client: CustomerProfilesClient;
  readonly DomainName: string;

  constructor(service: Service, client: CustomerProfilesClient, domainName: string) {
    this.service = service;
    this.client = client;
    this.DomainName = domainName;
  }

  /** Creates the domain. */
  async open(): Promise<this> {
    const { DomainName } = this;
    await this.client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
    return this;
  }

  /** Another domain of the same service. */
  openOther(domainName = 'others'): Promise<Customers> {
    return new Customers(this.service, this.client, domainName).open();
  }

  /** A domain that doesn't exist. */
  get nowhere(): Customers {
    return new Customers(this.service, this.client, 'nowhere');
  }

  /** Returns the profile's id. */
  async create(fields: ProfileFields = {}): Promise<string> {
    const { DomainName } = this;
    const created = await this.client.send(new CreateProfileCommand({ DomainName, ...fields }));
    if (created.ProfileId === undefined) throw new Error('the answer has no ProfileId');
    return created.ProfileId;
  }

  update(ProfileId: string, changes: ProfileChanges) {
    const { DomainName } = this;
    return this.client.send(new UpdateProfileCommand({ DomainName, ProfileId, ...changes }));
  }

  delete(ProfileId: string) {
    const { DomainName } = this;
    return this.client.send(new DeleteProfileCommand({ DomainName, ProfileId }));
  }

  get(...ProfileIds: string[]) {
    const { DomainName } = this;
    return this.client.send(new BatchGetProfileCommand({ DomainName, ProfileIds }));
  }

  /** What BatchGetProfile shows of one profile; undefined when it isn't there. */
  async profile(profileId: string): Promise<Profile | undefined> {
    const { Profiles } = await this.get(profileId);
    return Profiles?.[0];
  }

  addKey(ProfileId: string, KeyName: string, ...Values: string[]) {
    const { DomainName } = this;
    return this.client.send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values }));
  }

  deleteKey(ProfileId: string, KeyName: string, ...Values: string[]) {
    const { DomainName } = this;
    return this.client.send(
      new DeleteProfileKeyCommand({ DomainName, ProfileId, KeyName, Values }),
    );
  }

  search(search: Search) {
    const { DomainName } = this;
    return this.client.send(new SearchProfilesCommand({ DomainName, ...search }));
  }

  /** The ids that a search finds, in its order. */
  async find(search: Search): Promise<string[]> {
    const { Items } = await this.search(search);
    return profileIds(Items);
  }

  /** The ids that any of the values of one key finds. */
  foundBy(KeyName: string, ...Values: string[]): Promise<string[]> {
    return this.find({ KeyName, Values });
  }

  /** Follows NextToken to the end; the ids of each page. */
  async pages(search: Search, between: () => Promise<unknown> = async () => {}) {
    const pages: string[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.search({ ...search, NextToken });
      pages.push(profileIds(page.Items));
      ({ NextToken } = page);
      if (NextToken !== undefined) await between();
    } while (NextToken !== undefined);
    return pages;
  }
}

function profileIds(items: Profile[] | undefined): string[] {
  return (items ?? []).map(({ ProfileId = 'none' }) => ProfileId);
}

/** A service in memory with the domain `customers`. */
export async function startCustomers(options: ServiceOptions = {}): Promise<Customers> {
  const { service, client } = await startTestService(options);
  return new Customers(service, client, 'customers').open();
}
