import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REPLY_LINE_LIMIT, type Reply, ReplyReader } from './reply.ts';

/** All that comes out of `text` when it is fed in pieces of the sizes `cut` gives. */
function read(text: string | Buffer, cut: () => number = () => 1_000_000): unknown[] {
  const reader = new ReplyReader();
  const bytes = Buffer.from(text);
  const out: unknown[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = cut();
    reader.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      out.push('ok' in next ? next.why : next);
      if ('ok' in next) return out;
    }
  }
  return out;
}

const GOOD: readonly [string, Reply[]][] = [
  ['220 mx.example ESMTP\r\n', [{ code: 220, enhanced: null, lines: ['220 mx.example ESMTP'] }]],
  ['250\r\n', [{ code: 250, enhanced: null, lines: ['250'] }]],
  ['250 \n', [{ code: 250, enhanced: null, lines: ['250 '] }]],
  [
    '250 2.1.0 Ok\r\n550 5.1.1 No\r\n',
    [
      { code: 250, enhanced: '2.1.0', lines: ['250 2.1.0 Ok'] },
      { code: 550, enhanced: '5.1.1', lines: ['550 5.1.1 No'] },
    ],
  ],
  [
    '451-4.7.1 Try\r\n451-4.7.1 again\r\n451 4.7.1 later\r\n',
    [{ code: 451, enhanced: '4.7.1', lines: ['451-4.7.1 Try', '451-4.7.1 again', '451 4.7.1 later'] }],
  ],
  ['250-a\r\n550 b\r\n', [{ code: 550, enhanced: null, lines: ['250-a', '550 b'] }]],
  ['550 4.1.1 wrong class\r\n', [{ code: 550, enhanced: null, lines: ['550 4.1.1 wrong class'] }]],
  ['550 5.1.1234 x\r\n', [{ code: 550, enhanced: null, lines: ['550 5.1.1234 x'] }]],
  ['550 5.7.1\r\n', [{ code: 550, enhanced: '5.7.1', lines: ['550 5.7.1'] }]],
  ['550 Grüße\r\n', [{ code: 550, enhanced: null, lines: ['550 Grüße'] }]],
];

test('replies are read, however the bytes are cut', () => {
  let seed = 3;
  const random = (): number => 1 + ((seed = (seed * 48_271) % 0x7fffffff) % 7);
  for (const [text, replies] of GOOD) {
    assert.deepEqual(read(text), replies);
    assert.deepEqual(
      read(text, () => 1),
      replies,
    );
    for (let round = 0; round < 20; round++) assert.deepEqual(read(text, random), replies);
  }
});

test('octets that are no UTF-8 are kept one by one', () => {
  assert.deepEqual(read(Buffer.from('550 Gr\xfc\xdfe\r\n', 'latin1')), [{ code: 550, enhanced: null, lines: ['550 Grüße'] }]);
});

test('what is no reply is a fault, and endless ones are bounded', () => {
  for (const bad of [
    'hello\r\n',
    '\r\n',
    '25\r\n',
    '199 x\r\n',
    '650 x\r\n',
    '2500 x\r\n',
    '250x\r\n',
    'HTTP/1.1 400 Bad\r\n',
    '\x16\x03\x01\x00\n',
  ]) {
    assert.deepEqual(read(bad), ['a reply line begins with three digits'], bad);
  }
  assert.deepEqual(read('2'.repeat(REPLY_LINE_LIMIT + 1)), ['a reply line is too long']);
  assert.deepEqual(read(`250 ${'x'.repeat(REPLY_LINE_LIMIT)}\r\n`), ['a reply line is too long']);
  assert.deepEqual(read('250-x\r\n'.repeat(101)), ['a reply has too many lines']);
  assert.equal(read(`${'250-x\r\n'.repeat(99)}250 y\r\n`).length, 1);
});
