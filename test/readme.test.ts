import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedDocuments, withGenerated } from './support/readme.ts';

test.each(generatedDocuments)(
  'the generated parts of %s say what the code does (npm run readme writes them)',
  (document) => {
    const text = readFileSync(new URL(`../${document}`, import.meta.url), 'utf8');
    expect(text).toBe(withGenerated(document, text));
  },
);
