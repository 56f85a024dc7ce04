import { fileURLToPath } from 'node:url';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import { DatabaseRefusedError } from './errors.ts';

/** The migrations of an engine, oldest first, as drizzle-kit wrote them. */
export function migrationsOf(engine: 'postgres' | 'sqlite'): MigrationMeta[] {
  const migrationsFolder = fileURLToPath(new URL(`../../migrations/${engine}`, import.meta.url));
  return readMigrationFiles({ migrationsFolder });
}

/**
 * The migrations that a database still needs.
 *
 * @param applied hashes of those it has, oldest first.
 * @throws DatabaseRefusedError when it has one that this program doesn't know: a newer version made
 *   it, and running the old one on it could damage what the new one keeps.
 */
export function pendingMigrations(
  known: readonly MigrationMeta[],
  applied: readonly string[],
): MigrationMeta[] {
  for (const [index, hash] of applied.entries()) {
    if (index >= known.length)
      throw new DatabaseRefusedError(
        `has schema version ${applied.length}, and this Keyfold knows up to ${known.length}: a newer Keyfold made it; upgrade Keyfold or restore a backup`,
      );
    if (known[index]?.hash !== hash)
      throw new DatabaseRefusedError(
        `has a schema version ${index + 1} that isn't Keyfold's: an unreleased Keyfold made it`,
      );
  }
  return known.slice(applied.length);
}
