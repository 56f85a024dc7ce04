import { MergeProfilesCommand } from '@aws-sdk/client-customer-profiles';
import { createService } from '../../src/index.ts';
import { Customers } from './customers.ts';
import { Objects, ticketType } from './objects.ts';
import { clientFor } from './service.ts';

/**
 * Leaves a little of everything in a database: three profiles after a merge and a deletion, one of them with
 * more than a hundred objects, and nobody who serves it.
 */
export async function inhabit(database: string): Promise<void> {
  const service = await createService({ database });
  try {
    const customers = new Customers(service, clientFor(service.url), 'customers');
    await customers.open();
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    for (let id = 0; id < 102; id++) await tickets.put({ id, email: 'ada@x.y' });
    await tickets.put({ id: 'b', email: 'bea@x.y' });
    await tickets.put({ id: 'c', email: 'cleo@x.y' });
    const [ada = '', bea = '', cleo = ''] = await Promise.all(
      ['ada@x.y', 'bea@x.y', 'cleo@x.y'].map(async (mail) => {
        const [id = ''] = await customers.foundBy('mail', mail);
        return id;
      }),
    );
    const merge = { MainProfileId: ada, ProfileIdsToBeMerged: [bea] };
    await customers.client.send(new MergeProfilesCommand({ DomainName: 'customers', ...merge }));
    await customers.delete(cleo);
    await customers.create({ EmailAddress: 'dora@x.y' });
    await tickets.put({ id: 'e', email: 'eva@x.y' });
  } finally {
    await service.close();
  }
}
