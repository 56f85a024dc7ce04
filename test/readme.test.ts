import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withGeneratedTables } from './support/readme.ts';

test("the README's tables say what the code does (npm run readme writes them)", () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withGeneratedTables(readme));
});
