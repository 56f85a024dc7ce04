/** How many objects are metered with their profile; each hundred more that is begun counts it once more. */
const OBJECTS_PER_COUNT = 100;

/**
 * How often a profile is counted besides the first time. Amazon's guide: one with more than 100 objects
 * counts twice, one with more than 200 three times.
 */
export function meteringExtra(objects: number): number {
  return Math.max(0, Math.ceil(objects / OBJECTS_PER_COUNT) - 1);
}
