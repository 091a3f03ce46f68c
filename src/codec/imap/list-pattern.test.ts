import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasWildcard, makePattern, matches } from './list-pattern.ts';

const table: readonly (readonly [string, string, boolean])[] = [
  ['*', 'a/b/c', true],
  ['%', 'a', true],
  ['%', 'a/b', false],
  ['%/%', 'a/b', true],
  ['a*', 'a', true],
  ['a%', 'a', true],
  ['a/%', 'a/b', true],
  ['a/%', 'a/b/c', false],
  ['a/*', 'a/b/c', true],
  ['*c', 'a/b/c', true],
  ['%c', 'a/b/c', false],
  ['*/%', 'a/b', true],
  ['%*', 'a/b', true],
  ['INBOX', 'INBOX', true],
  ['inbox', 'INBOX', true],
  ['in%', 'INBOX', false],
  ['a*b*c', 'aXXbYYc', true],
  ['a*b*c', 'aXXbYY', false],
  ['a%b*c', 'a/bc', false],
  ['', 'a', false],
  ['Trash', 'Tras', false],
];

describe('list patterns', () => {
  for (const [pattern, name, expected] of table) {
    it(`${pattern} ${expected ? 'matches' : 'passes over'} ${name}`, () => assert.equal(matches(makePattern('', pattern), name), expected));
  }
  it('joins the reference', () => {
    assert.equal(matches(makePattern('a/', '%'), 'a/b'), true);
    assert.equal(matches(makePattern('a/', '%'), 'b'), false);
    assert.equal(hasWildcard(makePattern('a/', 'b')), false);
  });
  it('agrees with a plain definition', () => {
    const plain = (pattern: string, name: string): boolean => {
      if (pattern === '') return name === '';
      const head = pattern[0];
      if (head !== '*' && head !== '%') return name[0] === head && plain(pattern.slice(1), name.slice(1));
      if (plain(pattern.slice(1), name)) return true;
      return name !== '' && (head === '*' || name[0] !== '/') && plain(pattern, name.slice(1));
    };
    let seed = 11;
    const pick = (from: string): string => from[(seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % from.length] ?? '';
    for (let round = 0; round < 3000; round++) {
      const pattern = Array.from({ length: 6 }, () => pick('ab/*%')).join('');
      const name = Array.from({ length: 7 }, () => pick('ab/')).join('');
      assert.equal(matches(makePattern('', pattern), name), plain(pattern, name), `${pattern} ${name}`);
    }
  });
  it('cannot be made slow', () => {
    const started = performance.now();
    const pattern = makePattern('', '*a'.repeat(250) + 'b');
    for (let round = 0; round < 20; round++) assert.equal(matches(pattern, 'a'.repeat(500)), false);
    assert.equal(matches(makePattern('', 'x'.repeat(70_000)), 'x'), false);
    assert.ok(performance.now() - started < 1000);
  });
});
