import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, documents, linksOf, readDocument } from '../support/documents.ts';
import { projectFolder } from '../support/process.ts';

test('anchors are those of GitHub', () => {
  const headings = [
    '# A `code` word, and [a link](there.md)!',
    "## Half of Node's own HTTP",
    '## Same',
    '## Same',
    '## `kill -9`: größer_als',
  ];
  expect([...anchorsOf(`${headings.join('\n')}\n\`\`\`sh\n# a comment\n\`\`\`\n`)]).toEqual([
    'a-code-word-and-a-link',
    'half-of-nodes-own-http',
    'same',
    'same-1',
    'kill--9-größer_als',
  ]);
});

test.each(documents)('%s links to what is there', (document) => {
  const missing = linksOf(readDocument(document)).filter(({ path, anchor }) => {
    const target = path === '' ? document : join(document, '..', path);
    const file = join(projectFolder, target);
    if (!existsSync(file)) return true;
    if (anchor === undefined) return false;
    return statSync(file).isDirectory() || !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
  });
  expect(missing).toEqual([]);
});

test('there are links, with anchors too', () => {
  const links = documents.flatMap((document) => linksOf(readDocument(document)));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(10);
});
