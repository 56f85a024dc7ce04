import type { Part } from '../part.ts';
import { backup } from './backup.ts';
import { disk } from './disk.ts';
import { generator } from './generator.ts';
import { growth, growthPostgres } from './growth.ts';
import { keys } from './keys.ts';
import { keysPostgres } from './keys-postgres.ts';
import { merge, mergePostgres } from './merge.ts';
import { mergeGrowth, mergeGrowthPostgres } from './merge-growth.ts';
import { objects, objectsPostgres } from './objects.ts';
import { search } from './search.ts';
import { signatures } from './signatures.ts';
import { signed } from './signed.ts';
import { start } from './start.ts';
import { transfer } from './transfer.ts';
import { workers, workersPostgres } from './workers.ts';

/** Every part, in the order in which all of them run. */
export const parts: readonly Part[] = [
  generator,
  keys,
  signed,
  search,
  keysPostgres,
  workers,
  workersPostgres,
  start,
  disk,
  backup,
  transfer,
  objects,
  objectsPostgres,
  merge,
  mergePostgres,
  mergeGrowth,
  mergeGrowthPostgres,
  growth,
  growthPostgres,
  signatures,
];
