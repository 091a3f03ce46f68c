import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from './cursor.ts';
import { formatNumbers, formatRanges, includes, largestNamed, namesStar, positions, readNumberSet, resolve } from './number-set.ts';

function ranges(text: string): readonly number[] {
  const cursor = new Cursor(Buffer.from(text));
  const set = readNumberSet(cursor);
  cursor.end();
  assert.equal(cursor.fault, undefined, text);
  return set.kind === 'ranges' ? set.ranges : assert.fail('no ranges');
}

describe('number sets', () => {
  const table: readonly (readonly [string, number, string])[] = [
    ['1', 9, '1'],
    ['2,4:7,9,12:*', 15, '2,4:7,9,12:15'],
    ['*:4,5:7', 10, '4:10'],
    ['4:2', 10, '2:4'],
    ['3291:*', 100, '100:3291'],
    ['*', 7, '7'],
    ['*:*', 7, '7'],
    ['5,1,3,2', 9, '1:3,5'],
    ['1:3,2:9,8', 9, '1:9'],
    ['1:4294967295', 9, '1:4294967295'],
    ['7,7,7', 9, '7'],
  ];
  for (const [text, star, expected] of table) {
    it(`resolves ${text} with * = ${star}`, () => assert.equal(formatRanges(resolve(ranges(text), star)), expected));
  }

  for (const text of ['', '0', '1:', ':1', '1,', '4294967296', '1:2:3', 'x', '$,1', '1,$', '99999999999999999999999']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const cursor = new Cursor(Buffer.from(text));
      readNumberSet(cursor);
      cursor.end();
      assert.notEqual(cursor.fault, undefined);
    });
  }

  it('knows $', () => assert.deepEqual(readNumberSet(new Cursor(Buffer.from('$'))), { kind: 'saved' }));

  it('says what was named', () => {
    assert.equal(largestNamed(ranges('3,9:4,*')), 9);
    assert.equal(namesStar(ranges('3,9:*')), true);
    assert.equal(namesStar(ranges('3,9')), false);
  });

  it('lays ranges over a column like a plain filter does', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let round = 0; round < 200; round++) {
      const column = [...new Set(Array.from({ length: random(60) }, () => 1 + random(100)))].sort((a, b) => a - b);
      const text = Array.from({ length: 1 + random(6) }, () => `${1 + random(110)}:${random(5) === 0 ? '*' : 1 + random(110)}`).join(',');
      const resolved = resolve(ranges(text), column.at(-1) ?? 0);
      const expected = column.filter((number) => includes(resolved, number));
      const spans = positions(resolved, Float64Array.from(column));
      const found = column.filter((_, index) => spans.some((start, at) => at % 2 === 0 && index >= start && index < (spans[at + 1] ?? 0)));
      assert.deepEqual(found, expected, text);
    }
  });

  it('takes a huge set without spelling it out', () => {
    const started = performance.now();
    const uids = Float64Array.from({ length: 100_000 }, (_, index) => index * 2 + 1);
    for (let round = 0; round < 1000; round++) positions(resolve([1, 4_294_967_295], 200_000), uids);
    assert.ok(performance.now() - started < 500);
  });

  it('writes runs as ranges', () => {
    assert.equal(formatNumbers([]), '');
    assert.equal(formatNumbers([5]), '5');
    assert.equal(formatNumbers([1, 2, 3, 7, 9, 10]), '1:3,7,9:10');
    assert.equal(formatNumbers([9, 8, 1, 2]), '9,8,1:2');
  });
});
