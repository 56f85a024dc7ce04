import {
  CreateDomainCommand,
  type CreateDomainCommandInput,
  type CustomerProfilesClient,
} from '@aws-sdk/client-customer-profiles';
import type { ServiceOptions } from '../../src/index.ts';
import { FakeClock } from './clock.ts';
import { Customers } from './customers.ts';
import { startTestService } from './service.ts';

/** Three profiles of one customer and two of another, and one of nobody else. */
export const duplicates = [
  { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000', BirthDate: '1980-07-12' },
  { FirstName: 'John', LastName: 'Doe', HomePhoneNumber: '+1-555-010-0000' },
  { FirstName: 'Jhn', LastName: 'Doe', MobilePhoneNumber: '(555) 010 0000' },
  { FirstName: 'Ada', LastName: 'Lovelace', EmailAddress: 'ADA@anycompany.com' },
  { FirstName: 'Ada', LastName: 'Lovelace', BusinessEmailAddress: 'ada@anycompany.com' },
  { FirstName: 'Grace', LastName: 'Hopper', EmailAddress: 'grace@anycompany.com' },
] as const;

/** Creates a domain with Matching on. */
export async function createMatchingDomain(
  client: CustomerProfilesClient,
  DomainName: string,
  Matching: Partial<CreateDomainCommandInput['Matching']> = {},
): Promise<void> {
  const settings = { Matching: { Enabled: true, ...Matching } };
  await client.send(
    new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...settings }),
  );
}

/** A service with a clock of its own and the domain `customers`, which has Matching on. */
export async function startMatching(
  Matching: Partial<CreateDomainCommandInput['Matching']> = {},
  options: ServiceOptions = {},
) {
  const clock = new FakeClock();
  const { service, client } = await startTestService({ clock: clock.read, ...options });
  await createMatchingDomain(client, 'customers', Matching);
  const customers = new Customers(service, client, 'customers');
  /** Creates the duplicates; returns their ids. */
  const seed = async (): Promise<string[]> => {
    const ids: string[] = [];
    for (const fields of duplicates) ids.push(await customers.create(fields));
    return ids;
  };
  return { clock, service, client, customers, seed };
}
