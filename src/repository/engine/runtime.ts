/** The oldest Node that runs TypeScript sources as they are and loads the SQLite binary. */
const NODE_VERSION_MIN = [22, 18] as const;

// better-sqlite3 ends the whole process when an older Node loads it. Importing this module first
// turns that into an error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [majorMin, minorMin] = NODE_VERSION_MIN;
if (major < majorMin || (major === majorMin && minor < minorMin))
  throw new Error(
    `Keyfold needs Node ${NODE_VERSION_MIN.join('.')} or later; this is ${process.versions.node}`,
  );
