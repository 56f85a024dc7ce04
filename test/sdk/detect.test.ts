import { DetectProfileObjectTypeCommand } from '@aws-sdk/client-customer-profiles';
import { expect, test } from 'vitest';
import { minimal, ObjectTypes } from '../support/object-types.ts';
import { badRequest, domainNotFound, violation } from '../support/outcomes.ts';
import { startTestService } from '../support/service.ts';

async function start() {
  const { client } = await startTestService();
  const types = await new ObjectTypes(client).open();
  const detect = async (Objects: string[], DomainName = 'customers') => {
    const { $metadata, ...detected } = await client.send(
      new DetectProfileObjectTypeCommand({ DomainName, Objects }),
    );
    return detected;
  };
  return { types, detect };
}

const sample = JSON.stringify({
  id: 7,
  email: 'ada@example.com',
  updatedAt: '2026-01-02T03:04:05Z',
});

test('suggests one mapping, which PutProfileObjectType takes', async () => {
  const { types, detect } = await start();
  const { DetectedProfileObjectTypes } = await detect([sample]);
  expect(DetectedProfileObjectTypes).toEqual([
    {
      SourceLastUpdatedTimestampFormat: "yyyy-MM-dd'T'HH:mm:ssXXX",
      Fields: {
        id: { Source: '_source.id', ContentType: 'NUMBER' },
        email: {
          Source: '_source.email',
          Target: '_profile.EmailAddress',
          ContentType: 'EMAIL_ADDRESS',
        },
        sourceLastUpdatedTimestamp: { Source: '_source.updatedAt', ContentType: 'STRING' },
      },
      Keys: {
        _email: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['email'] }],
        id: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
      },
    },
  ]);
  await types.put('detected', {
    Description: minimal.Description,
    ...DetectedProfileObjectTypes?.[0],
  });
});

test('stores nothing', async () => {
  const { types, detect } = await start();
  await detect([sample]);
  expect(await types.names()).toEqual([]);
});

test('suggests nothing for samples that nothing tells apart', async () => {
  const { detect } = await start();
  expect(await detect(['{}'])).toEqual({ DetectedProfileObjectTypes: [] });
});

test.each(['sEcReT', '[]', '"text"', 'null', '{"sEcReT": '])(
  'BadRequestException for %j, without quoting it',
  async (text) => {
    const { detect } = await start();
    await expect(detect([sample, text])).rejects.toMatchObject(
      badRequest('Item 2 of Objects is not a JSON object'),
    );
  },
);

test('BadRequestException for no sample, and for six', async () => {
  const { detect } = await start();
  await expect(detect([])).rejects.toMatchObject(
    violation("Value at 'objects'", 'have length greater than or equal to 1'),
  );
  await expect(detect(Array(6).fill(sample))).rejects.toMatchObject(
    violation("Value at 'objects'", 'have length less than or equal to 5'),
  );
});

test('404 in a domain that does not exist', async () => {
  const { detect } = await start();
  await expect(detect([sample], 'nowhere')).rejects.toMatchObject(domainNotFound('nowhere'));
});
