import type { Part } from '../part.ts';
import { keys } from './keys.ts';

/** Every part, in the order in which all of them run. */
export const parts: readonly Part[] = [keys];
