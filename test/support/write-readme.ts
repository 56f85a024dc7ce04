import { readFileSync, writeFileSync } from 'node:fs';
import { withGeneratedTables } from './readme.ts';
import { shapeNamesText } from './shape-names.ts';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withGeneratedTables(readFileSync(readme, 'utf8')));
writeFileSync(new URL('../../src/reference/shape-names.json', import.meta.url), shapeNamesText());
