import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scan } from '../../mime/scanner.ts';
import { bodyValue, cutText } from './body-value.ts';

const WHOLE = { isCut: false, limit: 1_000_000 };
const of = (header: string, octets: Uint8Array, how = WHOLE) => bodyValue(scan(Buffer.from(`${header}\r\n\r\n`)).root, octets, how);
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const CASES: readonly (readonly [string, string, Buffer, string, boolean])[] = [
  ['line ends', 'X: 1', bytes('a\r\nb\rc\n'), 'a\nb\rc\n', false],
  ['UTF-8', 'Content-Type: text/plain; charset=utf-8', Buffer.from('é\ufffd'), 'é\ufffd', false],
  ['broken UTF-8', 'Content-Type: text/plain; charset=utf-8', bytes('\xc3\xa9\xc3'), 'é\ufffd', true],
  ['Latin-1', 'Content-Type: text/plain; charset=iso-8859-1', bytes('\xe9'), 'é', false],
  ['a charset nobody knows', 'Content-Type: text/plain; charset=klingon', bytes('a'), 'a', true],
  ['no charset, UTF-8 inside', 'X: 1', Buffer.from('é'), 'é', false],
  ['no charset, who knows what inside', 'X: 1', bytes('\xe9'), 'é', true],
  ['an encoding nobody knows', 'Content-Transfer-Encoding: x-own', bytes('a'), 'a', true],
  ['odd UTF-16', 'Content-Type: text/plain; charset=utf-16le', bytes('a\0b'), 'a\ufffd', true],
  ['half a surrogate pair', 'Content-Type: text/plain; charset=utf-7', bytes('+2D0-'), '\ufffd', true],
];
for (const [why, header, octets, value, isEncodingProblem] of CASES)
  test(why, () => assert.deepEqual(of(header, octets), { value, isEncodingProblem, isTruncated: false }));

test('a source that was cut in a character is no broken one', () => {
  for (const [charset, octets] of [
    ['utf-8', bytes('\xc3\xa9\xf0\x9f\x98')],
    ['us-ascii', bytes('\xc3\xa9\xc3')],
    ['utf-16le', bytes('\xe9\0\r\0\n')],
  ] as const) {
    const made = of(`Content-Type: text/plain; charset=${charset}`, octets, { isCut: true, limit: 100 });
    assert.deepEqual(made, { value: 'é', isEncodingProblem: false, isTruncated: true }, charset);
  }
});

test('a cut value is whole characters, as many as fit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(60), (text, limit) => {
      const cut = cutText(text.toWellFormed(), { limit, isHtml: false, isCut: false });
      const whole = text.toWellFormed();
      assert.ok(cut.isWellFormed() && whole.startsWith(cut) && Buffer.byteLength(cut) <= limit);
      const next = whole.codePointAt(cut.length);
      assert.ok(next === undefined || Buffer.byteLength(cut + String.fromCodePoint(next)) > limit);
    }),
  );
});

const HTML: readonly (readonly [string, number, string])[] = [
  ['ab<a href="x">c', 5, 'ab'],
  ['ab<a href="x>y">c', 14, 'ab'],
  ['ab<br>c', 6, 'ab<br>'],
  ['a < b and more', 5, 'a < b'],
  ['x<!-- > -->y', 8, 'x'],
  ['<a title="open', 9, ''],
  ['a</p>b', 3, 'a'],
];
for (const [html, limit, value] of HTML)
  test(`HTML is not cut inside a tag: ${html} at ${limit}`, () =>
    assert.equal(cutText(html, { limit, isHtml: true, isCut: false }), value));

test('HTML whose source ends in a tag ends before it', () => {
  assert.equal(cutText('a<img src=', { limit: 100, isHtml: true, isCut: true }), 'a');
  assert.equal(cutText('a<', { limit: 100, isHtml: true, isCut: true }), 'a');
});

test('HTML of nothing but openings costs no more than its length', () => {
  for (const piece of ['<a="', "<a='", '<!--', '<', '<a ']) cutText(piece.repeat(500_000), { limit: 900_000, isHtml: true, isCut: false });
});
