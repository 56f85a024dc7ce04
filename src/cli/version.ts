import { readFileSync } from 'node:fs';

/** Two folders up from the sources and from the bundle alike. */
const manifest = new URL('../../package.json', import.meta.url);

/** Keyfold's own version. */
export function readVersion(): string {
  return String(JSON.parse(readFileSync(manifest, 'utf8')).version);
}
