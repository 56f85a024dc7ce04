/**
 * The headers by lower-case name, their values as a signature sees them: a run of spaces counts as
 * one, and the values of a repeated header are joined by commas. The HTTP parser has taken the
 * spaces at both ends already.
 */
export function canonicalHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = (rawHeaders[index + 1] ?? '').replace(/[ \t]+/g, ' ');
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values;
}
