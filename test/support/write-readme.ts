import { readFileSync, writeFileSync } from 'node:fs';
import { generatedDocuments, withGenerated } from './readme.ts';
import { shapeNamesText } from './shape-names.ts';

for (const document of generatedDocuments) {
  const file = new URL(`../../${document}`, import.meta.url);
  writeFileSync(file, withGenerated(document, readFileSync(file, 'utf8')));
}
writeFileSync(new URL('../../src/reference/shape-names.json', import.meta.url), shapeNamesText());
