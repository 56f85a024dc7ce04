import {
  CreateDomainCommand,
  type CustomerProfilesClient,
  DeleteProfileObjectTypeCommand,
  GetProfileObjectTypeCommand,
  ListProfileObjectTypesCommand,
  type ListProfileObjectTypesCommandInput,
  PutProfileObjectTypeCommand,
  type PutProfileObjectTypeCommandInput,
} from '@aws-sdk/client-customer-profiles';

export type Definition = Omit<PutProfileObjectTypeCommandInput, 'DomainName' | 'ObjectTypeName'>;

/** The least that defines an object type. */
export const minimal = {
  Description: 'd',
  Fields: { id: { Source: '_source.id' } },
  Keys: { id: [{ StandardIdentifiers: ['UNIQUE', 'PROFILE'], FieldNames: ['id'] }] },
} satisfies Definition;

/** The object types of one domain, through the official client, without the transport's metadata. */
export class ObjectTypes {
  readonly client: CustomerProfilesClient;
  readonly DomainName: string;

  constructor(client: CustomerProfilesClient, domainName = 'customers') {
    this.client = client;
    this.DomainName = domainName;
  }

  /** Creates the domain. */
  async open(): Promise<this> {
    const { DomainName } = this;
    await this.client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
    return this;
  }

  async put(ObjectTypeName: string, definition: Definition = minimal) {
    const { $metadata, ...type } = await this.client.send(
      new PutProfileObjectTypeCommand({
        DomainName: this.DomainName,
        ObjectTypeName,
        ...definition,
      }),
    );
    return type;
  }

  async get(ObjectTypeName: string) {
    const { $metadata, ...type } = await this.client.send(
      new GetProfileObjectTypeCommand({ DomainName: this.DomainName, ObjectTypeName }),
    );
    return type;
  }

  async list(paging: Omit<ListProfileObjectTypesCommandInput, 'DomainName'> = {}) {
    const { $metadata, ...page } = await this.client.send(
      new ListProfileObjectTypesCommand({ DomainName: this.DomainName, ...paging }),
    );
    return page;
  }

  async names(): Promise<(string | undefined)[]> {
    const { Items } = await this.list();
    return (Items ?? []).map(({ ObjectTypeName }) => ObjectTypeName);
  }

  async delete(ObjectTypeName: string) {
    const { $metadata, ...answer } = await this.client.send(
      new DeleteProfileObjectTypeCommand({ DomainName: this.DomainName, ObjectTypeName }),
    );
    return answer;
  }
}
