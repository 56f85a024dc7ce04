/** How much of a text is compared: the time grows with the square of it, and no name is longer. */
const LENGTH_MAX = 64;

/** Winkler: texts that begin alike are more alike, by a tenth of what is missing for each character. */
const PREFIX_LENGTH_MAX = 4;
const PREFIX_WEIGHT = 0.1;

/** The characters of a text that the other has near the same place, in order; by Jaro's rule. */
function commonCharacters(text: string, other: string): string {
  const reach = Math.max(0, Math.floor(Math.max(text.length, other.length) / 2) - 1);
  const isTaken = new Array<boolean>(other.length).fill(false);
  let common = '';
  for (let index = 0; index < text.length; index++) {
    const end = Math.min(other.length, index + reach + 1);
    for (let place = Math.max(0, index - reach); place < end; place++) {
      if (isTaken[place] || text[index] !== other[place]) continue;
      isTaken[place] = true;
      common += text[index];
      break;
    }
  }
  return common;
}

function jaro(a: string, b: string): number {
  const ofA = commonCharacters(a, b);
  const ofB = commonCharacters(b, a);
  // Which characters are taken may depend on the side from which they are looked for.
  const length = Math.min(ofA.length, ofB.length);
  if (length === 0) return 0;
  let displaced = 0;
  for (let index = 0; index < length; index++) if (ofA[index] !== ofB[index]) displaced += 1;
  return (length / a.length + length / b.length + (length - displaced / 2) / length) / 3;
}

function winkler(a: string, b: string): number {
  const base = jaro(a, b);
  let prefix = 0;
  while (prefix < PREFIX_LENGTH_MAX && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return base + prefix * PREFIX_WEIGHT * (1 - base);
}

/**
 * How alike two texts are, from 0 to 1, by Jaro and Winkler: made for names, where letters are left
 * out or change places, and the first ones are hardly ever wrong. Either order gives the same.
 */
export function similarity(one: string, other: string): number {
  if (one === other) return 1;
  const [a, b] = one < other ? [one, other] : [other, one];
  return winkler(a.slice(0, LENGTH_MAX), b.slice(0, LENGTH_MAX));
}
