/**
 * SQL whose plan stays as it is for as long as the statement is prepared.
 *
 * SQLite plans a statement again when a parameter that its plan might depend on is bound anew, and
 * better-sqlite3 unbinds all parameters after each run, which counts as that: nearly every join would be parsed
 * and planned on every run, and that takes several times as long as the run itself. Only a bare parameter counts.
 * A plus before it changes nothing else: it leaves every value as it is, texts included.
 *
 * @param sql parameters are question marks; in quotes these stay.
 */
export function withStablePlan(sql: string): string {
  return sql.replaceAll(/'[^']*'|"[^"]*"|\?/g, (part) => (part === '?' ? '+?' : part));
}
