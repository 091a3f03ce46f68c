import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodedHeader, encodeWords } from './encoded-word.ts';

const CASES: readonly (readonly [why: string, value: string, text: string])[] = [
  ['no word', 'plain = text ?', 'plain = text ?'],
  ['RFC 2047 §8', '=?ISO-8859-1?Q?a?= b', 'a b'],
  ['RFC 2047 §8', '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
  ['RFC 2047 §8', '=?ISO-8859-1?Q?a?=  \r\n  =?ISO-8859-1?Q?b?=', 'ab'],
  ['RFC 2047 §8', '=?ISO-8859-1?Q?a_b?=', 'a b'],
  ['RFC 2047 §8', '=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', 'a b'],
  ['Q', '=?iso-8859-1?q?this=20is=20some=20text?=', 'this is some text'],
  [
    'B',
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
    'If you can read this you understand the example.',
  ],
  ['language of RFC 2231 §5', '=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  ['a character cut in two, Q', '=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=', 'Grüße'],
  ['a character cut in two, B', '=?utf-8?B?R3LD?= =?UTF-8?B?vMOfZQ==?=', 'Grüße'],
  ['cut in two between B and Q', '=?utf-8?B?R3LD?= =?utf-8?Q?=BC?=', 'Grü'],
  ['base64 without padding', '=?utf-8?B?R3LDvMOfZQ?=', 'Grüße'],
  ['spaces inside', '=?utf-8?Q?Gr=C3=BC=C3=9Fe aus Berlin?=', 'Grüße aus Berlin'],
  ['question marks inside', '=?utf-8?Q?How are you??= x', 'How are you? x'],
  ['inside other text', 'x=?utf-8?Q?=C3=BC?=y', 'xüy'],
  ['without a space between', '=?utf-8?Q?a?==?utf-8?Q?b?=', 'ab'],
  ['text between two words', '=?utf-8?Q?a?= and =?utf-8?Q?b?=', 'a and b'],
  ['unknown charset, valid UTF-8', '=?x-nonsense?Q?=C3=BC?=', 'ü'],
  ['unknown charset, not UTF-8', '=?x-nonsense?Q?=FC?=', 'ü'],
  ['wrong charset: UTF-8 called ASCII', '=?us-ascii?Q?=C3=BC?=', 'ü'],
  ['wrong charset: Latin-1 called UTF-8', '=?utf-8?Q?gr=FC=DFe?=', 'grüße'],
  ['ISO-2022-JP', '=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=', '日本語'],
  ['ISO-2022-JP in two words', '=?ISO-2022-JP?B?GyRCRnwbKEI=?= =?ISO-2022-JP?B?GyRCS1wbKEI=?=', '日本'],
  ['Shift_JIS', '=?Shift_JIS?B?k/qWe4zq?=', '日本語'],
  ['KOI8-R', '=?koi8-r?B?8NLJ18XU?=', 'Привет'],
  ['GB2312 means GBK', '=?gb2312?B?1tDOxA==?=', '中文'],
  ['empty word', '=?utf-8?Q??=', ''],
  ['not ended', '=?utf-8?Q?abc', '=?utf-8?Q?abc'],
  ['not ended, another behind it', '=?utf-8?Q?abc =?utf-8?Q?d?=', '=?utf-8?Q?abc d'],
  ['no such encoding', '=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
  ['no charset', '=??Q?abc?=', '=??Q?abc?='],
  ['a wrong = stands for itself', '=?utf-8?Q?1=2_=ZZ?=', '1=2 =ZZ'],
  ['SECURITY: no line ends', '=?utf-8?Q?a=0D=0ABcc:_x=00?=', 'a  Bcc: x '],
];

test('encoded words as standards and mailers write them', () => {
  for (const [why, value, text] of CASES) assert.equal(decodedHeader(value), text, why);
});

test('any text is read, and quickly', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'=?qbQB_a8-*u \n'), maxLength: 80 }),
      (text) => typeof decodedHeader(text) === 'string',
    ),
    { numRuns: 500 },
  );
  for (const hostile of [
    '=?'.repeat(200_000),
    '=?a?q?'.repeat(80_000),
    '=?a?q?x?='.repeat(50_000),
    `=?a?q?${'?'.repeat(400_000)}`,
    '?='.repeat(200_000),
    `=?a?q?x?=${' '.repeat(400_000)}`,
  ]) {
    const start = performance.now();
    decodedHeader(hostile);
    assert.ok(performance.now() - start < 1_000, hostile.slice(0, 20));
  }
});

/** Characters of every length, halves of pairs and controls among them. */
const text = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 9 }), fc.constantFrom('\r\n', '\0', '\ud83d', '\ude00', '=?', '?=', '   ')), {
    maxLength: 15,
  })
  .map((pieces) => pieces.join(''));

test('what is encoded is read back, in words of at most 75 characters', () => {
  fc.assert(
    fc.property(text, (text) => {
      const encoded = encodeWords(text);
      for (const word of encoded === '' ? [] : encoded.split(' ')) assert.match(word, /^=\?utf-8\?[QB]\?[!-~]{0,63}\?=$/);
      assert.equal(decodedHeader(encoded), text.toWellFormed().replace(/[\0-\x1f\x7f]/g, ' '));
    }),
  );
});

test('Q for mostly plain text, B for the rest', () => {
  assert.equal(encodeWords('Grüße aus Berlin'), '=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_Berlin?=');
  assert.equal(encodeWords('日本語'), '=?utf-8?B?5pel5pys6Kqe?=');
});
