import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddressList } from './address.ts';
import { formatAddress, formatAddressList } from './format-address.ts';
import { ADDRESS_LIMIT } from './limits.ts';
import type { Address } from './structure.ts';

/** `name <mailbox|host>`, `group:` and `;`, for short tables. */
const show = ({ name, mailbox, host }: Address): string => {
  if (mailbox === null) return ';';
  if (host === null) return `${mailbox}:`;
  return `${name === null ? '' : `${name} `}<${mailbox}|${host}>`;
};
const read = (text: string): string[] => parseAddressList(text).addresses.map(show);

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['   ', []],
  [',, ,', []],
  ['a@b.example', ['<a|b.example>']],
  ['a@b, c@d', ['<a|b>', '<c|d>']],
  ['<a@b>', ['<a|b>']],
  ['John Doe <jdoe@x>', ['John Doe <jdoe|x>']],
  ['Joe Q. Public <john.q.public@example.com>', ['Joe Q. Public <john.q.public|example.com>']],
  ['"Giant; \\"Big\\" Box" <s@x>', ['Giant; "Big" Box <s|x>']],
  ['"Doe, John" <j@x>, k@y', ['Doe, John <j|x>', '<k|y>']],
  ['=?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M?= <j@x>', ['=?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M?= <j|x>']],
  ['user@host (Real Name)', ['Real Name <user|host>']],
  ['<user@host> (Real Name)', ['Real Name <user|host>']],
  ['(Real \\(nested (deep)\\) Name) user@host', ['Real (nested (deep)) Name <user|host>']],
  ['Name (not this) <user@host>', ['Name <user|host>']],
  ['"john doe"@x', ['<john doe|x>']],
  ['<"a>b"@x>', ['<a>b|x>']],
  ['<"a@b"@x>', ['<a@b|x>']],
  ['"a@b" <c@d>', ['a@b <c|d>']],
  ['a@b <c@d>', ['a@b <c|d>']],
  ['a @ b . c', ['<a|b.c>']],
  ['<a (x) @ (y) b.c>', ['<a|b.c>']],
  ['a@[192.0.2.1]', ['<a|[192.0.2.1]>']],
  ['a@[IPv6:2001:db8::1]', ['<a|[IPv6:2001:db8::1]>']],
  ['[Team] News <a@b>', ['[Team] News <a|b>']],
  ['[open <a@b>', ['[open <a|b>']],
  ['<@one,@two:a@b>', ['<a|b>']],
  ['<@one:a@b>', ['<a|b>']],
  ['A: a@b, C <c@d>;', ['A:', '<a|b>', 'C <c|d>', ';']],
  ['A: a@b; B: c@d; e@f', ['A:', '<a|b>', ';', 'B:', '<c|d>', ';', '<e|f>']],
  ['group: g1@d1.org, g2@d2.org;, group2: g3@d3.org;', ['group:', '<g1|d1.org>', '<g2|d2.org>', ';', 'group2:', '<g3|d3.org>', ';']],
  ['Undisclosed recipients:;', ['Undisclosed recipients:', ';']],
  ['"A Group":a@b', ['A Group:', '<a|b>', ';']],
  ['a@b; c@d', ['<a|b>', '<c|d>']],
  ['root', ['<root|>']],
  ['MAILER-DAEMON <>', ['MAILER-DAEMON <|>']],
  ['<>', ['<|>']],
  ['<<a@b>>', ['<a|b>']],
  ['Foo <a@b, Bar <c@d>', ['Foo <a|b>', 'Bar <c|d>']],
  ['Foo <a@b', ['Foo <a|b>']],
  ['<a@b>c, d@e', ['<a|b>', '<d|e>']],
  ['a@b@c', ['<a@b|c>']],
  ['"unclosed <a@b>, c@d', ['<unclosed <a@b>, c@d|>']],
  ['(unclosed a@b', []],
  ['Jürgen Müller <jürgen@bücher.example>', ['Jürgen Müller <jürgen|bücher.example>']],
  ['John Doe j@x', ['John Doe <j|x>']],
  ['mailto: a@b', ['mailto:', '<a|b>', ';']],
];

test('address lists as standards and people write them', () => {
  for (const [text, addresses] of CASES) assert.deepEqual(read(text), addresses, text);
});

test('a list past its bound is cut, and a group in it still ends', () => {
  const list = parseAddressList(`G: ${'a@b,'.repeat(ADDRESS_LIMIT + 10)};`);
  assert.equal(list.complete, false);
  assert.equal(list.addresses.length, ADDRESS_LIMIT + 1);
  assert.deepEqual(list.addresses.at(-1), { name: null, mailbox: null, host: null });
  assert.equal(parseAddressList('a@b,'.repeat(ADDRESS_LIMIT)).complete, true);
});

test('any text is read', () => {
  const specials = fc.string({ unit: fc.constantFrom(...'ab@.,;:<>()[]"\\ \t=?ü'), maxLength: 60 });
  fc.assert(
    fc.property(specials, (text) => {
      let inGroup = false;
      for (const { name, mailbox, host } of parseAddressList(text).addresses) {
        if (mailbox === null) assert.ok(inGroup && name === null && host === null);
        if (mailbox !== null && host === null) assert.ok(!inGroup && name === null);
        inGroup = mailbox === null ? false : host === null ? true : inGroup;
      }
      assert.equal(inGroup, false);
    }),
    { numRuns: 500 },
  );
});

const plain = (name: string | null, mailbox: string, host: string): Address => ({ name, mailbox, host });

test('addresses are written as they must be', () => {
  const cases: readonly (readonly [Address, string])[] = [
    [plain(null, 'a', 'b'), 'a@b'],
    [plain('John Doe', 'a', 'b'), 'John Doe <a@b>'],
    [plain('John Q. Doe', 'a', 'b'), '"John Q. Doe" <a@b>'],
    [plain('a "b" \\c', 'a', 'b'), '"a \\"b\\" \\\\c" <a@b>'],
    [plain('Jürgen', 'a', 'b'), '=?utf-8?Q?J=C3=BCrgen?= <a@b>'],
    [plain('=?utf-8?Q?J=C3=BCrgen?=', 'a', 'b'), '=?utf-8?Q?J=C3=BCrgen?= <a@b>'],
    [plain('x\r\nBcc: evil@x', 'a', 'b'), '"x  Bcc: evil@x" <a@b>'],
    [plain(null, 'john doe', 'b'), '"john doe"@b'],
    [plain(null, 'a', 'b>, <evil@x'), 'a@bevil@x'],
    [plain('Root', 'root', ''), 'Root <root>'],
  ];
  for (const [address, text] of cases) assert.equal(formatAddress(address), text);
  assert.equal(formatAddress(plain('Jürgen', 'jürgen', 'x'), { utf8: true }), 'Jürgen <jürgen@x>');
});

test('lists with groups come back as they were', () => {
  for (const text of ['a@b, C <c@d>', 'G: a@b, c@d;', 'a@b, G:;, c@d', '"Doe, J." <a@b>']) {
    assert.equal(formatAddressList(parseAddressList(text).addresses), text);
  }
});

test('what is written is read back', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replace(/[\p{C}\s]+/gu, ' ').trim());
  const mailbox = fc.string({ unit: fc.constantFrom(...'abc.+-_"\\ @()<>,;:'), minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(name, mailbox, (name, mailbox) => {
      const [address, ...more] = parseAddressList(formatAddress({ name, mailbox, host: 'x.example' }, { utf8: true })).addresses;
      assert.deepEqual(more, []);
      assert.deepEqual(address, { name: name === '' ? null : name, mailbox, host: 'x.example' });
    }),
  );
});
