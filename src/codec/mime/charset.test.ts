import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHARSETS } from './charset.table.ts';
import { decodeCharset, encodingOf } from './charset.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const CASES: readonly (readonly [charset: string | undefined, hex: string, text: string])[] = [
  ['utf-8', '47 72 c3 bc', 'Grü'],
  ['UTF8', '47 72 c3 bc', 'Grü'],
  ['utf-8', 'ef bb bf 61', 'a'],
  ['utf-8', 'c3 bc ff', 'ü�'],
  ['utf-8', '67 72 fc df', 'grüß'],
  ['us-ascii', '61 c3 bc', 'aü'],
  ['us-ascii', '61 fc 80', 'aü€'],
  [undefined, '61 c3 bc', 'aü'],
  [undefined, '61 fc', 'aü'],
  ['unknown-8bit', '61 fc', 'aü'],
  ['iso-8859-1', '80 e9', '€é'],
  ['ISO_8859-1', 'e9', 'é'],
  ['latin1', 'e9', 'é'],
  ['iso-8859-15', 'a4', '€'],
  ['windows-1251', 'cf f0 e8', 'При'],
  ['cp1251', 'cf f0 e8', 'При'],
  ['koi8-r', 'f0 d2 c9', 'При'],
  ['cp866', '8f e0 a8', 'При'],
  ['windows-1252', '93 94 80', '“”€'],
  ['iso-8859-2', 'b1', 'ą'],
  ['windows-1257', 'e0', 'ą'],
  ['gb2312', 'd6 d0 ce c4', '中文'],
  ['gb18030', 'd6 d0 81 30 81 30', '中\u0080'],
  ['big5', 'a4 a4 a4 e5', '中文'],
  ['shift_jis', '93 fa 96 7b', '日本'],
  ['cp932', '93 fa 96 7b', '日本'],
  ['euc-jp', 'c6 fc cb dc', '日本'],
  ['iso-2022-jp', '1b 24 42 46 7c 4b 5c 1b 28 42', '日本'],
  ['iso-2022-jp', '1b2442 467c 1b2842 1b2442 4b5c 1b2842 1b2842 61', '日本a'],
  ['euc-kr', 'c7 d1 b1 db', '한글'],
  ['ks_c_5601-1987', 'c7 d1 b1 db', '한글'],
  ['iso-2022-kr', '1b 24 29 43 61 0e 47 51 31 5b 0f 62', 'a한글b'],
  ['hz-gb-2312', '61 7e 7b 56 50 4e 44 7e 7d 62 7e 7e 63 7e 0a 64', 'a中文b~cd'],
  ['utf-7', '48 69 20 2b 41 4f 51 2d 21 2b 2d', 'Hi ä!+'],
  ['utf-7', '2b 41 44 77 2d 73 2b 41 44 34 2d', '<s>'],
  [undefined, '2b 41 44 77 2d', '+ADw-'],
  ['utf-16', 'ff fe 61 00', 'a'],
  ['utf-16', '00 61', 'a'],
  ['utf-16', '61 00', 'a'],
  ['utf-16le', '3d d8 00 de', '😀'],
  ['made-up', '61 fc', 'aü'],
  ['', '61 c3 bc', 'aü'],
  ['x'.repeat(5_000), '61', 'a'],
];

test('labels and octets as mail has them', () => {
  for (const [charset, hex, text] of CASES) assert.equal(decodeCharset(bytes(hex), charset), text, `${charset?.slice(0, 20)} ${hex}`);
});

test('every label of the table can be decoded', () => {
  const own = new Set(['ascii', 'utf-7', 'utf-16', 'iso-2022-kr', 'hz-gb-2312']);
  for (const [label, encoding] of CHARSETS) {
    assert.match(label, /^[a-z0-9]+$/);
    if (!own.has(encoding)) assert.equal(new TextDecoder(encoding).encoding, encoding, label);
    assert.equal(encodingOf(label.toUpperCase()), encoding);
  }
});

test('any octets under any label give well-formed text', () => {
  const label = fc.constantFrom(...CHARSETS.keys(), 'nonsense', ' utf-8 ', '\0');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), label, (octets, label) => decodeCharset(octets, label).isWellFormed()),
    { numRuns: 500 },
  );
});
