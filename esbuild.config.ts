import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, type OutputFile } from 'esbuild';

/** Two folders down, like the module that looks for the migrations. */
const outdir = 'dist/keyfold';

function isCurrent({ path, contents }: OutputFile): boolean {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}

/** Another command may be starting from these files: each is there as a whole, or as it was. */
function replace(file: OutputFile): void {
  mkdirSync(dirname(file.path), { recursive: true });
  const whole = `${file.path}.${process.pid}`;
  writeFileSync(whole, file.contents);
  renameSync(whole, file.path);
}

/** The packages that files of a bundle are from, by the paths of the files. */
function packagesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** What the licences of the packages in the bundle ask whoever passes it on to pass on too. */
function licencesOf(packages: readonly string[]): string {
  const texts = packages.map((name) => {
    const folder = join('node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `${license}\n` : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version}\n\n${text.trimEnd()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * Puts the program into a few files: to find, strip and compile hundreds of modules takes most of a
 * start. What is native or loads parts of itself by path stays a package.
 */
const { outputFiles, metafile } = await build({
  entryPoints: {
    start: 'src/start.js',
    index: 'src/index.ts',
    // A thread starts from a file of its own.
    'sqlite-log-thread': 'src/repository/engine/sqlite-log-thread.ts',
  },
  outdir,
  bundle: true,
  // start.js looks at Node's version before it loads the rest.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  external: [
    'better-sqlite3',
    'pg',
    'pino',
    // May be left out: they are looked for when traces are wanted.
    '@opentelemetry/core',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace-base',
  ],
  sourcemap: true,
  metafile: true,
  banner: {
    // Packages written for CommonJS ask for Node's modules by `require`.
    js: "import { createRequire as createRequireOf } from 'node:module';\nconst require = createRequireOf(import.meta.url);",
  },
  logLevel: 'warning',
  write: false,
});
// The parts first: who finds the new start finds what it needs.
const isStart = ({ path }: OutputFile) => basename(path).startsWith('start.');
const changed = outputFiles.filter((file) => !isCurrent(file));
for (const file of changed.toSorted((a, b) => Number(isStart(a)) - Number(isStart(b))))
  replace(file);
// What Node has compiled of the files before.
if (changed.length > 0) rmSync('dist/compile-cache', { recursive: true, force: true });
const names = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(outdir))
  if (!names.has(name) && /\.js(\.map)?$/.test(name)) rmSync(join(outdir, name), { force: true });
writeFileSync(
  join(outdir, 'THIRD_PARTY_LICENSES.txt'),
  licencesOf(packagesOf(Object.keys(metafile.inputs))),
);
