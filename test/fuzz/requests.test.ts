import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operations } from '../../src/operations/index.ts';
import { engine } from '../support/database.ts';
import { expectAcceptedByShapes, expectWellFormed } from './answers.ts';
import { brokenInput } from './broken-inputs.ts';
import { encoding, requestOf } from './encoding.ts';
import { oddBytes } from './odd-bytes.ts';
import { hasBadDocument, oddRequest, validInput } from './odd-requests.ts';
import { kept, readBack } from './read-back.ts';
import { exchange, parseAnswers } from './wire.ts';
import { likely, World } from './world.ts';

/** Of each property. On PostgreSQL every statement is a round trip. */
const RUNS = Number(process.env.KEYFOLD_FUZZ_RUNS ?? (engine === 'postgres' ? 25 : 50));
/** The same requests on every run, so that a failure is that of a change. */
const SEED = Number(process.env.KEYFOLD_FUZZ_SEED ?? 1);

/** What Keyfold has no workflow for. */
const neverAccepted = new Set([
  'CreateIntegrationWorkflow',
  'GetWorkflow',
  'GetWorkflowSteps',
  'DeleteWorkflow',
]);

async function assertInWorld<T>(
  arbitrary: fc.Arbitrary<T>,
  run: (world: World, value: T) => Promise<void>,
): Promise<void> {
  const world = await World.open();
  const property = fc.asyncProperty(arbitrary, async (value) => {
    await world.restore();
    await run(world, value);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
}

describe.each(operations)('$name', (operation) => {
  test('what it accepts reads back byte for byte', async () => {
    const input = validInput(operation, likely);
    let accepted = 0;
    await assertInWorld(fc.tuple(input, encoding), async (world, [value, how]) => {
      const before = await world.rows();
      const answer = await world.send(requestOf(operation, value, how));
      expectAcceptedByShapes(answer);
      if (answer.status !== 200) {
        expect(await world.rows()).toBe(before);
        return;
      }
      accepted += 1;
      // What a structure keeps is a structure.
      const stored = kept(operation.input, value) as Record<string, unknown>;
      await readBack[operation.name]?.(world, stored, JSON.parse(answer.body));
    });
    if (neverAccepted.has(operation.name)) expect(accepted).toBe(0);
    // Or the test says nothing.
    else expect(accepted).toBeGreaterThan(RUNS / 10 - 1);
  });

  test('a broken input is refused and leaves nothing', async () => {
    const input = brokenInput(operation.input, likely);
    await assertInWorld(fc.tuple(input, encoding), async (world, [value, how]) => {
      const before = await world.rows();
      const { status } = await world.send(requestOf(operation, value, how));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(await world.rows()).toBe(before);
    });
  });

  test('an odd request is answered, and leaves nothing if it is refused', async () => {
    await assertInWorld(oddRequest(operation, likely), async (world, request) => {
      const before = await world.rows();
      const { status } = await world.send(request);
      if (hasBadDocument(request)) expect(status).toBeGreaterThanOrEqual(400);
      if (status >= 400) expect(await world.rows()).toBe(before);
    });
  });
});

describe('bytes that are hardly a request', () => {
  test('are answered, and leave nothing if they are refused', async () => {
    await assertInWorld(oddBytes(likely), async (world, bytes) => {
      const before = await world.rows();
      const sent = Buffer.from(bytes, 'latin1');
      const answers = parseAnswers(await exchange(world.service, sent, { fills: true }));
      for (const answer of answers) expectWellFormed(answer);
      const isRefused = answers.every(({ status }) => status >= 400);
      // Without any answer, which a reset can take away, nobody knows.
      if (isRefused && answers.length > 0) expect(await world.rows()).toBe(before);
      await world.call('GET', '/domains');
    });
  });
});
