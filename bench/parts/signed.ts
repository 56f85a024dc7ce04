import { join } from 'node:path';
import { copyDomain } from '../domains/cache.ts';
import { createCredentials, LOGGING, startKeyfold } from '../keyfold.ts';
import { loadSide, type RequestSide } from '../load/side.ts';
import type { Part, PartContext } from '../part.ts';
import { Worker } from '../process/child.ts';
import { alternate, loadTable, throughputRatio } from '../rounds.ts';
import { countCards, customersOf, expectCount, outcome, scheduleOf } from './common.ts';

/** More requests than a round can send: signing takes the generator longer than sending. */
const PREPARED = 40_000;

async function run(context: PartContext) {
  const { folder, own, isQuick, say } = context;
  const profiles = isQuick ? 500 : 100_000;
  const generator = await own(new Worker());
  const [signedFile = '', openFile = ''] = await Promise.all(
    ['signed', 'open'].map((name) =>
      copyDomain(customersOf(profiles), join(folder, `${name}.db`), say),
    ),
  );
  const { credentials, env } = createCredentials(signedFile);
  const signed = await own(
    startKeyfold({ database: signedFile, folder, env: { ...env, KEYFOLD_AUTH: 'sigv4' } }),
  );
  const open = await own(startKeyfold({ database: openFile, folder }));
  const unsigned = await signed.request('GET', '/domains').catch((error: Error) => error.message);
  if (!unsigned.includes(' 403 ')) throw new Error(`an unsigned request: ${unsigned}`);
  const shared = {
    plan: 'add-key-signed' as const,
    parameters: { profiles, ...credentials },
    prepared: isQuick ? 500 : PREPARED,
  };
  const sides: [RequestSide, RequestSide] = [
    loadSide(generator, { ...shared, name: 'signatures checked', server: signed }),
    loadSide(generator, { ...shared, name: 'not checked', server: open }),
  ];
  const rounds = await alternate(sides, scheduleOf(context));
  for (const [index, [server, file]] of [
    [signed, signedFile] as const,
    [open, openFile] as const,
  ].entries()) {
    await server.stop();
    expectCount('cards', countCards(file).cards, profiles + (sides[index]?.sent() ?? 0));
  }
  const [checked, unchecked] = rounds;
  return outcome({
    notes: [
      'AddProfileKey as in `keys`. The same signed requests go to a Keyfold that checks their signatures and to one that doesn’t; they are made before a round begins.',
      LOGGING,
    ],
    measured: [throughputRatio(checked, unchecked, { atLeast: 0.8 })],
    tables: [loadTable(rounds)],
  });
}

/** What checking signatures costs a request. */
export const signed: Part = { name: 'signed', title: 'AddProfileKey with signatures checked', run };
