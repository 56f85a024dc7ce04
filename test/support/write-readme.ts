import { readFileSync, writeFileSync } from 'node:fs';
import { withGeneratedTables } from './readme.ts';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withGeneratedTables(readFileSync(readme, 'utf8')));
