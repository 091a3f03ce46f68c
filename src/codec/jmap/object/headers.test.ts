import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Headers } from './headers.ts';
import { readHeaderProperty } from './header-property.ts';

const get = (block: string | Buffer, name: string): unknown => {
  const property = readHeaderProperty(`header:${name}`);
  assert.ok(property !== undefined, name);
  return new Headers(typeof block === 'string' ? Buffer.from(block) : block).get(property);
};

type Case = readonly [why: string, block: string | Buffer, property: string, value: unknown];
const RFC = '  "  James Smythe" <james@example.com>, Friends:\r\n  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n  <john@example.com>;';
const JAMES = { name: 'James Smythe', email: 'james@example.com' };
const JANE = { name: null, email: 'jane@example.com' };
const JOHN = { name: 'John Smîth', email: 'john@example.com' };

const CASES: readonly Case[] = [
  ['missing', 'A: 1\r\n', 'B', null],
  ['missing, all', 'A: 1\r\n', 'B:asDate:all', []],
  ['last of several', 'A: 1\r\na: 2\r\n', 'A', ' 2'],
  ['all in order', 'A: 1\r\na: 2\r\n', 'A:all', [' 1', ' 2']],
  ['raw keeps folding and spaces', 'A:  x\r\n\ty \r\n\r\n', 'A', '  x\r\n\ty '],
  ['raw without NUL, bad octets replaced', Buffer.from('A: a\0b\xffc\r\n', 'latin1'), 'A', ' ab\ufffdc'],
  ['raw of nothing', 'A:\r\n', 'A', ''],
  ['raw at the end of all', 'A: x', 'A', ' x'],
  ['text unfolded', 'Subject:  x\r\n y\r\n', 'Subject:asText', 'x y'],
  ['text decoded, words joined', 'Subject: =?utf-8?q?a=C3?=\r\n =?utf-8?q?=A9?= b\r\n', 'Subject:asText', 'aé b'],
  ['text in NFC', 'Subject: =?utf-8?q?e=CC=81?= e\u0301\r\n', 'Subject:asText', 'é é'],
  ['text without encoded controls', 'Subject: =?utf-8?q?a=00=0D=0Ab?=\r\n', 'Subject:asText', 'ab'],
  ['a word in the wrong place', 'Subject: x=?utf-8?q?a?= (=?utf-8?q?a?=)\r\n', 'Subject:asText', 'x=?utf-8?q?a?= (=?utf-8?q?a?=)'],
  ['words without space between', 'Subject: =?utf-8?q?a?==?utf-8?q?b?=\r\n', 'Subject:asText', '=?utf-8?q?a?==?utf-8?q?b?='],
  ['unknown charset', 'Subject: =?klingon?q?a?= =?utf-8?q?b?=\r\n', 'Subject:asText', '=?klingon?q?a?= b'],
  ['broken octets', 'Subject: =?utf-8?q?=C3=A9=C3?=\r\n', 'Subject:asText', 'é\ufffd'],
  ['addresses', `To:${RFC}\r\n`, 'To:asAddresses', [JAMES, JANE, JOHN]],
  [
    'groups',
    `To:${RFC}, x@y\r\n`,
    'To:asGroupedAddresses',
    [
      { name: null, addresses: [JAMES] },
      { name: 'Friends', addresses: [JANE, JOHN] },
      { name: null, addresses: [{ name: null, email: 'x@y' }] },
    ],
  ],
  ['an empty group', 'To: undisclosed-recipients:;\r\n', 'To:asAddresses', []],
  ['an empty group, kept', 'To: none:;\r\n', 'To:asGroupedAddresses', [{ name: 'none', addresses: [] }]],
  ['nobody', 'To:\r\n', 'To:asAddresses', []],
  ['a comment as name', 'To: a@b (An =?utf-8?q?=C3=A9?=)\r\n', 'To:asAddresses', [{ name: 'An é', email: 'a@b' }]],
  [
    'half an address',
    'To: joe, @x\r\n',
    'To:asAddresses',
    [
      { name: null, email: 'joe' },
      { name: null, email: '@x' },
    ],
  ],
  ['a quoted local part', 'To: "a b"@c\r\n', 'To:asAddresses', [{ name: null, email: '"a b"@c' }]],
  ['ids', 'References: <a@b> (x)\r\n <c@d>\r\n', 'References:asMessageIds', ['a@b', 'c@d']],
  ['no ids', 'References: nothing\r\n', 'References:asMessageIds', null],
  ['a date keeps its zone', 'Date: Tue, 10 Jul 2018 11:03:11 +1000\r\n', 'Date:asDate', '2018-07-10T11:03:11+10:00'],
  ['a date in UTC', 'Date: 1 Jan 2020 00:00:00 GMT\r\n', 'Date:asDate', '2020-01-01T00:00:00Z'],
  ['no date', 'Date: 32 Foo 2020 99:00\r\n', 'Date:asDate', null],
  ['a date past years of four digits', 'Date: 31 Dec 9999 23:59:60 -0100\r\n', 'Date:asDate', null],
  ['URLs', 'List-Post: (x (y)) <mailto:a@b>, <http://\r\n c/d> (z)\r\n', 'List-Post:asURLs', ['mailto:a@b', 'http://c/d']],
  ['URLs up to what is none', 'List-Post: <a:b> x, <c:d>\r\n', 'List-Post:asURLs', ['a:b']],
  ['no URLs', 'List-Post: NO\r\n', 'List-Post:asURLs', null],
  ['an open URL', 'List-Post: <a:b\r\n', 'List-Post:asURLs', null],
  ['all, some without meaning', 'X: x\r\nX: 1 Jan 2020 00:00 +0000\r\n', 'X:asDate:all', [null, '2020-01-01T00:00:00Z']],
];
for (const [why, block, property, value] of CASES) test(`${property}: ${why}`, () => assert.deepEqual(get(block, property), value));

test('every field as it stands, names as written', () => {
  assert.deepEqual(new Headers(Buffer.from('SubJect: x\r\nTo:y\r\n z\r\n\r\nbody: no')).all(), [
    { name: 'SubJect', value: ' x' },
    { name: 'To', value: 'y\r\n z' },
  ]);
});

test('ten thousand addresses, nested comments and open quotes are read in no time', () => {
  const many = get(`To: ${'a@b.c, '.repeat(10_000)}\r\n`, 'To:asAddresses');
  assert.equal((many as unknown[]).length, 2_000);
  for (const text of ['('.repeat(100_000), '"'.repeat(99_999), '=?'.repeat(100_000), '<'.repeat(100_000), ' =?utf-8?q?a?='.repeat(20_000)])
    for (const form of ['Text', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs']) get(`X: ${text}\r\n`, `X:as${form}`);
});
