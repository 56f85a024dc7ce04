#!/usr/bin/env node
// @ts-check
// Plain JavaScript on purpose: an older Node must get as far as this line of advice. It can't run
// the TypeScript sources, and loading the SQLite binary would crash it without a word.
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `keyfold: needs Node 22.18 or later, and this is ${process.versions.node}; in a clone, "npm ci && npm start" brings its own\n`,
  );
  process.exitCode = 1;
} else {
  // Compiled code is kept beside the bundle, where only those can write who can write the bundle. Where
  // nobody can, or Node is too old for it, each start compiles.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache?.(fileURLToPath(new URL('../compile-cache', import.meta.url)));
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
}
