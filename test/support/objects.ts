import {
  DeleteProfileObjectCommand,
  DeleteProfileObjectTypeCommand,
  ListProfileObjectsCommand,
  type ListProfileObjectsCommandInput,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  type PutProfileObjectTypeCommandInput,
} from '@aws-sdk/client-customer-profiles';
import type { Customers } from './customers.ts';

type Definition = Omit<
  PutProfileObjectTypeCommandInput,
  'DomainName' | 'ObjectTypeName' | 'Description'
>;

/** Objects of one type in a domain, through the official client. */
export class Objects {
  readonly customers: Customers;
  readonly ObjectTypeName: string;

  constructor(customers: Customers, objectTypeName: string) {
    this.customers = customers;
    this.ObjectTypeName = objectTypeName;
  }

  /** Defines the type. */
  async define(definition: Definition): Promise<this> {
    const { ObjectTypeName } = this;
    const { client, DomainName } = this.customers;
    const described = { DomainName, ObjectTypeName, Description: ObjectTypeName, ...definition };
    await client.send(new PutProfileObjectTypeCommand(described));
    return this;
  }

  /** Returns the object's key. */
  async put(object: object | string): Promise<string> {
    const { ObjectTypeName } = this;
    const { client, DomainName } = this.customers;
    const text = typeof object === 'string' ? object : JSON.stringify(object);
    const put = await client.send(
      new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: text }),
    );
    if (put.ProfileObjectUniqueKey === undefined) throw new Error('the answer has no key');
    return put.ProfileObjectUniqueKey;
  }

  page(
    ProfileId: string,
    more: Omit<ListProfileObjectsCommandInput, 'DomainName' | 'ObjectTypeName' | 'ProfileId'> = {},
  ) {
    const { ObjectTypeName } = this;
    const { client, DomainName } = this.customers;
    const input = { DomainName, ObjectTypeName, ProfileId, ...more };
    return client.send(new ListProfileObjectsCommand(input));
  }

  /** The objects of a profile, as they were given. */
  async of(profileId: string): Promise<unknown[]> {
    const { Items = [] } = await this.page(profileId);
    return Items.map(({ Object: text }) => JSON.parse(text ?? ''));
  }

  /** Deletes the type. */
  async remove(): Promise<void> {
    const { ObjectTypeName } = this;
    const { client, DomainName } = this.customers;
    await client.send(new DeleteProfileObjectTypeCommand({ DomainName, ObjectTypeName }));
  }

  delete(ProfileId: string, ProfileObjectUniqueKey: string) {
    const { ObjectTypeName } = this;
    const { client, DomainName } = this.customers;
    const named = { DomainName, ObjectTypeName, ProfileId, ProfileObjectUniqueKey };
    return client.send(new DeleteProfileObjectCommand(named));
  }
}

/** A ticket is its customer's by e-mail address, and makes a customer where there is none. */
export const ticketType: Definition = {
  AllowProfileCreation: true,
  Fields: {
    id: { Source: '_source.id' },
    email: {
      Source: '_source.email',
      Target: '_profile.EmailAddress',
      ContentType: 'EMAIL_ADDRESS',
    },
    name: { Source: '{{_source.first}} {{_source.last}}', Target: '_profile.FirstName' },
    plan: { Source: '_source.plan', Target: '_profile.Attributes.plan' },
  },
  Keys: {
    ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
    mail: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['email'] }],
  },
};
