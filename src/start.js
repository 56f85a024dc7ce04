// @ts-check
// Plain JavaScript on purpose: an older Node must get as far as this line of advice. It can't run
// the TypeScript sources, and loading the SQLite binary would crash it without a word.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `keyfold: needs Node 22.18 or later, and this is ${process.versions.node}; "npm ci && npm start" brings its own\n`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
}
