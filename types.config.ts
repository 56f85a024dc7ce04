import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/** Where the compiler has put a declaration file for each module. */
const declarations = 'dist/types';

/** Declarations import one another by the names of the sources. */
const sources: Plugin = {
  name: 'sources',
  resolveId(name, importer) {
    if (importer === undefined || !/^\.{1,2}\/.*\.ts$/.test(name)) return null;
    return resolve(dirname(importer), name.replace(/\.ts$/, '.d.ts'));
  },
};

/**
 * Puts what the library's types need into one file: of the modules behind them, and of the packages that
 * the bundle has in it, a project that uses Keyfold has nothing.
 */
const bundle = await rolldown({
  input: `${declarations}/index.d.ts`,
  external: (name) => !/^[./]/.test(name),
  plugins: [sources, dts({ dtsInput: true, tsconfig: false, emitDtsOnly: true })],
});
await bundle.write({ dir: 'dist/keyfold', format: 'es' });
await bundle.close();
rmSync(declarations, { recursive: true });
