import {
  AddProfileKeyCommand,
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  type CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteProfileCommand,
  DeleteProfileKeyCommand,
  GetDomainCommand,
  ListDomainsCommand,
  SearchProfilesCommand,
  UpdateDomainCommand,
  UpdateProfileCommand,
} from '@aws-sdk/client-customer-profiles';
import { expect, test } from 'vitest';
import { FakeClock } from '../support/clock.ts';
import { sharedDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

/** Ids that are the same on every run. */
function countingIds() {
  let count = 0;
  const next = (length: number) => (++count).toString(16).padStart(length, '0');
  return { domainId: () => next(16), profileId: () => next(32), recordId: () => next(32) };
}

/** A script that uses every operation; returns what it would print. */
async function script(client: CustomerProfilesClient): Promise<unknown[]> {
  const printed: unknown[] = [];
  const send = async (command: object) => {
    // Every command has types of its own; what is printed is whatever it answers.
    const answer = await client.send(command as never).catch((error) => ({
      name: error.name,
      message: error.message,
    }));
    const { $metadata: _, ...output } = answer as { $metadata?: unknown; ProfileId?: string };
    printed.push(output);
    return output;
  };
  const DomainName = 'customers';
  await send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30, Tags: { a: 'b' } }));
  await send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30 }));
  await send(new UpdateDomainCommand({ DomainName, DefaultExpirationDays: 60 }));
  const ids: (string | undefined)[] = [];
  for (const name of ['Zoë', 'Émile', 'ada', 'Ada', '😀', 'Ω']) {
    const fields = { FirstName: name, Attributes: { name }, EmailAddress: 'All@Example.com' };
    ids.push((await send(new CreateProfileCommand({ DomainName, ...fields }))).ProfileId);
  }
  const [ProfileId, other, third] = ids;
  await send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName: 'k', Values: ['1', '2'] }));
  await send(
    new AddProfileKeyCommand({ DomainName, ProfileId: other, KeyName: 'k', Values: ['2'] }),
  );
  await send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName: 'k', Values: [''] }));
  const all = { DomainName, KeyName: '_email', Values: ['all@example.COM'] };
  await send(new SearchProfilesCommand(all));
  await send(new SearchProfilesCommand({ ...all, MaxResults: 4 }));
  const two = [{ KeyName: 'k', Values: ['1', '2', '3'] }];
  for (const LogicalOperator of ['AND', 'OR'] as const)
    await send(new SearchProfilesCommand({ ...all, AdditionalSearchKeys: two, LogicalOperator }));
  await send(new DeleteProfileKeyCommand({ DomainName, ProfileId, KeyName: 'k', Values: ['2'] }));
  await send(new SearchProfilesCommand({ DomainName, KeyName: 'k', Values: ['1', '2'] }));
  await send(new UpdateProfileCommand({ DomainName, ProfileId, EmailAddress: '', LastName: 'X' }));
  await send(new DeleteProfileCommand({ DomainName, ProfileId: other }));
  await send(new DeleteProfileCommand({ DomainName, ProfileId: other }));
  await send(
    new BatchGetProfileCommand({ DomainName, ProfileIds: [third, other, ProfileId] as string[] }),
  );
  await send(new GetDomainCommand({ DomainName }));
  for (const name of ['b', 'B', 'a', '_', '-', '1'])
    await send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 1 }));
  await send(new ListDomainsCommand({}));
  await send(new DeleteDomainCommand({ DomainName }));
  await send(new GetDomainCommand({ DomainName }));
  return printed;
}

test('the same SDK script prints the same on both engines', async () => {
  const outputs: unknown[][] = [];
  for (const database of [':memory:', await sharedDatabase()]) {
    const clock = new FakeClock();
    const options = { database, clock: clock.read, ids: countingIds() };
    const { client } = await startTestService(options);
    outputs.push(await script(client));
  }
  const [sqlite, postgres] = outputs;
  expect(postgres).toEqual(sqlite);
  expect(sqlite?.length).toBeGreaterThan(30);
});
