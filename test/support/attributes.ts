import {
  GetObjectTypeAttributeStatisticsCommand,
  ListObjectTypeAttributesCommand,
  type ListObjectTypeAttributesCommandInput,
  ListObjectTypeAttributeValuesCommand,
  type ListObjectTypeAttributeValuesCommandInput,
} from '@aws-sdk/client-customer-profiles';
import type { Customers } from './customers.ts';

/** A name or value with when it was updated last: milliseconds since the epoch. */
type Timed = [name: string | undefined, updatedAt: number | undefined];

/** The attributes of one object type in a domain, through the official client. */
export class Attributes {
  readonly customers: Customers;
  readonly ObjectTypeName: string;

  constructor(customers: Customers, objectTypeName: string) {
    this.customers = customers;
    this.ObjectTypeName = objectTypeName;
  }

  #named() {
    return { DomainName: this.customers.DomainName, ObjectTypeName: this.ObjectTypeName };
  }

  page(paging: Omit<ListObjectTypeAttributesCommandInput, 'DomainName' | 'ObjectTypeName'> = {}) {
    const input = { ...this.#named(), ...paging };
    return this.customers.client.send(new ListObjectTypeAttributesCommand(input));
  }

  async list(): Promise<Timed[]> {
    const { Items = [] } = await this.page();
    return Items.map(({ AttributeName, LastUpdatedAt }) => [
      AttributeName,
      LastUpdatedAt?.getTime(),
    ]);
  }

  valuePage(
    AttributeName: string,
    paging: Pick<ListObjectTypeAttributeValuesCommandInput, 'MaxResults' | 'NextToken'> = {},
  ) {
    const input = { ...this.#named(), AttributeName, ...paging };
    return this.customers.client.send(new ListObjectTypeAttributeValuesCommand(input));
  }

  async timedValues(attributeName: string): Promise<Timed[]> {
    const { Items = [] } = await this.valuePage(attributeName);
    return Items.map(({ Value, LastUpdatedAt }) => [Value, LastUpdatedAt?.getTime()]);
  }

  async values(attributeName: string): Promise<(string | undefined)[]> {
    return (await this.timedValues(attributeName)).map(([value]) => value);
  }

  /** Without the transport's metadata. */
  async statistics(AttributeName: string) {
    const input = { ...this.#named(), AttributeName };
    const { $metadata, ...answer } = await this.customers.client.send(
      new GetObjectTypeAttributeStatisticsCommand(input),
    );
    return answer;
  }
}
