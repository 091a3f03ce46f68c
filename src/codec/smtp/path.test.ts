import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOCAL_PART_OCTETS, localText, type Mailbox, PATH_OCTETS, parseForwardPath, parseMailbox, parseReversePath } from './path.ts';

const box = (text: string, local: string, domain: string, isUtf8 = false): Mailbox => ({ text, local, domain, isUtf8 });

/** Path, then what it means. */
const GOOD: readonly (readonly [string, Mailbox])[] = [
  ['<a@b.example>', box('a@b.example', 'a', 'b.example')],
  ['<First.Last@Example.ORG>', box('First.Last@Example.ORG', 'First.Last', 'example.org')],
  ["<!#$%&'*+-/=?^_`{|}~@x.example>", box("!#$%&'*+-/=?^_`{|}~@x.example", "!#$%&'*+-/=?^_`{|}~", 'x.example')],
  ['<user%other.example@relay.example>', box('user%other.example@relay.example', 'user%other.example', 'relay.example')],
  ['<bang!path@x.example>', box('bang!path@x.example', 'bang!path', 'x.example')],
  ['<root@localhost>', box('root@localhost', 'root', 'localhost')],
  // Quoting that need not be is taken off, quoting that must be stays (RFC 5321 §4.1.2).
  ['<"john.doe"@x.example>', box('john.doe@x.example', 'john.doe', 'x.example')],
  ['<"j\\o\\hn"@x.example>', box('john@x.example', 'john', 'x.example')],
  ['<"john doe"@x.example>', box('"john doe"@x.example', 'john doe', 'x.example')],
  ['<"a@b"@x.example>', box('"a@b"@x.example', 'a@b', 'x.example')],
  ['<"a\\"b\\\\c"@x.example>', box('"a\\"b\\\\c"@x.example', 'a"b\\c', 'x.example')],
  ['<"a>b"@x.example>', box('"a>b"@x.example', 'a>b', 'x.example')],
  ['<".a"@x.example>', box('".a"@x.example', '.a', 'x.example')],
  ['<""@x.example>', box('""@x.example', '', 'x.example')],
  // Address literals.
  ['<a@[192.0.2.1]>', box('a@[192.0.2.1]', 'a', '[192.0.2.1]')],
  ['<a@[IPv6:2001:DB8::1]>', box('a@[IPv6:2001:DB8::1]', 'a', '[ipv6:2001:db8::1]')],
  ['<a@[IPv6:::ffff:192.0.2.1]>', box('a@[IPv6:::ffff:192.0.2.1]', 'a', '[ipv6:::ffff:192.0.2.1]')],
  // Source routes are read and forgotten.
  ['<@one.example:a@b.example>', box('a@b.example', 'a', 'b.example')],
  ['<@one.example,@two.example:"q q"@b.example>', box('"q q"@b.example', 'q q', 'b.example')],
  // RFC 6531.
  ['<用户@例子.example>', box('用户@例子.example', '用户', 'xn--fsqu00a.example', true)],
  ['<pelé@example.org>', box('pelé@example.org', 'pelé', 'example.org', true)],
  ['<"pelé x"@example.org>', box('"pelé x"@example.org', 'pelé x', 'example.org', true)],
  ['<a@bücher.example>', box('a@bücher.example', 'a', 'xn--bcher-kva.example', true)],
];

const BAD: readonly string[] = [
  '',
  'a@b.example',
  '<a@b.example',
  '< a@b.example>',
  '<a@b.example >',
  '<a b@c.example>',
  '<a>',
  '<@b.example>',
  '<a@>',
  '<a@@b.example>',
  '<a@b@c.example>',
  '<.a@b.example>',
  '<a.@b.example>',
  '<a..b@b.example>',
  '<a@.b.example>',
  '<a@b.example.>',
  '<a@b..example>',
  '<a@-b.example>',
  '<a@b-.example>',
  '<a@b_c.example>',
  '<a@192.0.2.1>',
  '<a@[192.0.2.256]>',
  '<a@[192.0.2.1>',
  '<a@[2001:db8::1]>',
  '<a@[IPv6:2001:db8:::1]>',
  '<"a@b.example>',
  '<"a"b@c.example>',
  '<"a\\"@b.example>',
  '<a(comment)@b.example>',
  '<a,b@c.example>',
  '<a:b@c.example>',
  '<a;b@c.example>',
  '<a\\b@c.example>',
  '<a\u0000@b.example>',
  '<"a\u0007"@b.example>',
  '<a\u0085@b.example>',
  '<a\u2028@b.example>',
  '<a\ud800@b.example>',
  '<@one.example a@b.example>',
  '<@one.example,a@b.example>',
  '<@one_two.example:a@b.example>',
  '<@:a@b.example>',
  `<${'a'.repeat(LOCAL_PART_OCTETS + 1)}@b.example>`,
  `<${'é'.repeat(LOCAL_PART_OCTETS / 2 + 1)}@b.example>`,
  `<a@${'b.'.repeat(200)}example>`,
  `<${`@${'x'.repeat(60)}.example,`.repeat(PATH_OCTETS / 60)}@y.example:a@b.example>`,
];

describe('paths', () => {
  for (const [text, expected] of GOOD) {
    test(`${text} is taken`, () => {
      assert.deepEqual(parseForwardPath(`TO:${text} X=1`, 3), { ok: true, value: { mailbox: expected, end: 3 + text.length } });
      assert.deepEqual(parseReversePath(text, 0), { ok: true, value: { mailbox: expected, end: text.length } });
    });
  }

  for (const text of BAD) {
    test(`${JSON.stringify(text.slice(0, 60))} is refused`, () => {
      const read = parseForwardPath(text, 0);
      assert.equal(read.ok, false, JSON.stringify(read));
      assert.ok(!read.ok && read.at >= 0 && read.at <= text.length && read.why !== '');
    });
  }

  test('<> is a sender and no recipient', () => {
    assert.deepEqual(parseReversePath('<>', 0), { ok: true, value: { mailbox: null, end: 2 } });
    assert.equal(parseForwardPath('<>', 0).ok, false);
  });

  test('<postmaster> needs no domain, as a recipient', () => {
    const expected = { ok: true, value: { mailbox: box('PostMaster', 'PostMaster', ''), end: 12 } };
    assert.deepEqual(parseForwardPath('<PostMaster>', 0), expected);
    assert.equal(parseReversePath('<postmaster>', 0).ok, false);
  });

  test('a local part may be as long as we say', () => {
    assert.equal(parseForwardPath(`<${'a'.repeat(LOCAL_PART_OCTETS)}@b.example>`, 0).ok, true);
  });

  test('a mailbox without brackets is all of the text', () => {
    assert.deepEqual(parseMailbox('a@b.example'), { ok: true, value: box('a@b.example', 'a', 'b.example') });
    assert.equal(parseMailbox('a@b.example>').ok, false);
    assert.equal(parseMailbox('').ok, false);
  });

  test('writing a local part and reading it again gives the same', () => {
    for (const local of ['a', 'a.b', 'a b', 'a"b', 'a\\b', '"', '', '.', 'a@b', '日本']) {
      const read = parseMailbox(`${localText(local)}@x.example`);
      assert.equal(read.ok && read.value.local, local);
    }
  });
});
