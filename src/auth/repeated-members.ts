const token = /\\.|["{}[\],]/g;

/**
 * The first name that an object of a JSON text has twice, or undefined. `JSON.parse` takes the last
 * of them and says nothing.
 *
 * @param text that `JSON.parse` takes.
 */
export function repeatedMember(text: string): string | undefined {
  /** The names of each object around the token; of a list, nothing. */
  const around: (Set<string> | undefined)[] = [];
  /** Where the string begins that the token is in. */
  let stringAt: number | undefined;
  let before = '';
  for (const { 0: found, index } of text.matchAll(token)) {
    if (stringAt !== undefined) {
      if (found !== '"') continue;
      const names = around.at(-1);
      if (names && before !== '"') {
        // The same name can be written with escapes.
        const name = String(JSON.parse(text.slice(stringAt, index + 1)));
        if (names.has(name)) return name;
        names.add(name);
      }
      stringAt = undefined;
    } else if (found === '"') {
      stringAt = index;
      continue;
    } else if (found === '{') around.push(new Set());
    else if (found === '[') around.push(undefined);
    else if (found !== ',') around.pop();
    before = found;
  }
  return undefined;
}
