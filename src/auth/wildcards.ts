/** A pattern that was read: the code units to match in order, or one of the two wildcards. */
export type Glob = readonly number[];

/** `*`: any number of code units, none included. */
const ANY_RUN = -1;
/** `?`: exactly one code unit. */
const ANY_UNIT = -2;

/** Amazon's guide: `${*}`, `${?}` and `${$}` stand for the characters themselves. */
const escapes = /\$\{([*?$])\}/g;
const unescapedVariable = /\$\{(?![*?$]\})/;

/** Whether a text has `${…}` that is none of the escapes: a policy variable, or the start of one. */
export function hasVariable(text: string): boolean {
  return unescapedVariable.test(text);
}

/** The text that a value without wildcards means. */
export function literalOf(value: string): string {
  return value.replace(escapes, '$1');
}

/** Reads a pattern with the wildcards `*` and `?`; {@link hasVariable} must be false for it. */
export function globOf(pattern: string): Glob {
  const tokens = pattern.matchAll(/\$\{([*?$])\}|[\s\S]/g);
  return Array.from(tokens, ([token, escaped]) => {
    if (escaped !== undefined) return escaped.charCodeAt(0);
    if (token === '*') return ANY_RUN;
    return token === '?' ? ANY_UNIT : token.charCodeAt(0);
  });
}

/**
 * Whether the whole text matches, by code units and with regard to case.
 *
 * A mismatch goes back to the last `*` only and lets that one take a unit more: an earlier `*` could
 * reach nothing that the last one can't. So the time is at most the product of the two lengths,
 * whatever a policy or a request holds.
 */
export function globMatches(glob: Glob, text: string): boolean {
  let unit = 0;
  let at = 0;
  let lastRun = -1;
  let lastRunEnd = 0;
  while (at < text.length) {
    const wanted = glob[unit];
    if (wanted === ANY_RUN) {
      lastRun = unit;
      lastRunEnd = at;
      unit += 1;
    } else if (wanted === ANY_UNIT || wanted === text.charCodeAt(at)) {
      unit += 1;
      at += 1;
    } else if (lastRun >= 0) {
      lastRunEnd += 1;
      unit = lastRun + 1;
      at = lastRunEnd;
    } else return false;
  }
  while (glob[unit] === ANY_RUN) unit += 1;
  return unit === glob.length;
}
