import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { withStablePlan } from '../../src/repository/engine/stable-plans.ts';

test('no parameter is bare any more, and question marks in quotes stay', () => {
  expect(withStablePlan(`select '?', 'it''s ?' as "what?" from "t" where "a" = ? limit ?`)).toBe(
    `select '?', 'it''s ?' as "what?" from "t" where "a" = +? limit +?`,
  );
});

test('values of every type arrive as they are', () => {
  const database = new BetterSqlite3(':memory:');
  const values = ['007', 7, 0.5, null, Buffer.from('7')];
  const select = database.prepare(withStablePlan('select ?, ?, ?, ?, ?')).raw();
  expect(select.get(values)).toEqual(values);
  database.close();
});

test('a text of digits is found in a column of text by an index', () => {
  const database = new BetterSqlite3(':memory:');
  database.exec("create table t (a text primary key) strict; insert into t values ('007'), ('7')");
  const select = withStablePlan('select a from t where a = ?');
  expect(database.prepare(select).pluck().all('007')).toEqual(['007']);
  const plan = database.prepare(`explain query plan ${select}`).get('007');
  expect(plan).toMatchObject({ detail: expect.stringContaining('SEARCH t USING COVERING INDEX') });
  database.close();
});
