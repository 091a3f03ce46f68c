import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldValue, headerBlock, headerFields, headerTextOf, headerValue, headerValues } from './headers.ts';
import { FIELD_LIMIT, FIELD_NAME_LIMIT } from './limits.ts';
import { scan } from './scanner.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const read = (text: string): [string, string][] => headerFields(bytes(text)).map((field) => [field.name, fieldValue(bytes(text), field)]);

const CASES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['', []],
  ['\r\nbody', []],
  ['A: b', [['a', 'b']]],
  [
    'A: b\r\nC:d\r\n\r\nE: f',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'A: b\nC:d\n\nE: f',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['Subject: one\r\n two\r\n\tthree\r\n', [['subject', 'one two\tthree']]],
  ['A:\r\n b\r\n', [['a', 'b']]],
  [
    'A: b\r\n \r\nC: d\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['Subject : obsolete\r\n', [['subject', 'obsolete']]],
  ['A:\r\n', [['a', '']]],
  ['From me at noon\r\nA: b\r\n', [['a', 'b']]],
  ['>From me at noon\r\nA: b\r\n', [['a', 'b']]],
  ['A: b\r\nnot a field\r\nC: d\r\n', [['a', 'b']]],
  [' folded first\r\nA: b\r\n', []],
  [': no name\r\n', []],
  ['A B: no name either\r\n', []],
  ['A: x\0y\rz\r\n', [['a', 'x y z']]],
  [
    'A: \xc3\xbc\r\nB: \xfc\r\n',
    [
      ['a', 'ü'],
      ['b', 'ü'],
    ],
  ],
  ['A: \xc3\r\n \xbc\r\n', [['a', 'Ã ¼']]],
  [`${'n'.repeat(FIELD_NAME_LIMIT)}: x\r\n`, [['n'.repeat(FIELD_NAME_LIMIT), 'x']]],
  [`${'n'.repeat(FIELD_NAME_LIMIT + 1)}: x\r\n`, []],
];

test('header blocks', () => {
  for (const [text, fields] of CASES) assert.deepEqual(read(text), fields, JSON.stringify(text.slice(0, 60)));
});

test('offsets cover the block without a gap', () => {
  const block = bytes('A: b\r\n c\r\nLong-Name \t:  d\r\n\r\nbody');
  assert.deepEqual(headerFields(block), [
    { name: 'a', nameStart: 0, nameEnd: 1, valueStart: 2, end: 10 },
    { name: 'long-name', nameStart: 10, nameEnd: 19, valueStart: 22, end: 27 },
  ]);
  assert.equal(headerBlock(block).toString(), 'A: b\r\n c\r\nLong-Name \t:  d\r\n\r\n');
  assert.equal(headerBlock(bytes('A: b\nno field')).toString(), 'A: b\n');
});

test('fields by name', () => {
  const block = bytes('Received: a\r\nSUBJECT: =?utf-8?Q?=C3=BC?=\r\nreceived: b\r\n\r\nReceived: not this\r\n');
  assert.equal(headerValue(block, 'Subject'), '=?utf-8?Q?=C3=BC?=');
  assert.equal(headerTextOf(block, 'subject'), 'ü');
  assert.deepEqual(headerValues(block, 'Received'), ['a', 'b']);
  assert.equal(headerValue(block, 'X-None'), undefined);
  assert.equal(headerTextOf(block, 'X-None'), undefined);
});

test('no more fields than the bound', () => {
  assert.equal(headerFields(bytes('A: b\r\n'.repeat(FIELD_LIMIT + 10))).length, FIELD_LIMIT);
});

test('the header ends where the scanner lets it end', () => {
  const piece = fc.constantFrom('A: b', 'From x', ' c', '\t', '\r\n', '\n', '\r', 'junk', ':', 'B :', '\0', '\xff', '>From ');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const message = bytes(pieces.join(''));
      const last = headerFields(message).at(-1);
      const { bodyStart } = scan(message).root;
      if (last !== undefined) assert.ok(bodyStart === last.end || message.subarray(last.end, bodyStart).toString().trim() === '');
      if (last !== undefined) assert.equal(headerBlock(message).length, bodyStart);
    }),
    { numRuns: 500 },
  );
});
