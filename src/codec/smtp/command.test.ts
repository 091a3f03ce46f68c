import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAuth, parseBase64, parseBdat, parseHello, parseMail, parseRcpt, verbOf, withoutSecrets } from './command.ts';

describe('verbs', () => {
  test('are known in any case, and end at the first space', () => {
    assert.deepEqual(verbOf('MAIL FROM:<>'), { verb: 'MAIL', rest: 5 });
    assert.deepEqual(verbOf('quit'), { verb: 'QUIT', rest: 4 });
    assert.deepEqual(verbOf('StartTls'), { verb: 'STARTTLS', rest: 8 });
    assert.deepEqual(verbOf('MAILFROM:<>').verb, undefined);
    assert.deepEqual(verbOf('').verb, undefined);
    assert.deepEqual(verbOf('toString').verb, undefined);
  });

  test('secrets are masked where lines are shown', () => {
    assert.equal(withoutSecrets('AUTH PLAIN AGEAYg==', 'AUTH'), 'AUTH PLAIN ********');
    assert.equal(withoutSecrets('auth  PLAIN  AGEAYg==', 'AUTH'), 'auth  PLAIN ********');
    assert.equal(withoutSecrets('AUTH LOGIN', 'AUTH'), 'AUTH LOGIN');
    assert.equal(withoutSecrets('c2VjcmV0', undefined), '********');
    assert.equal(withoutSecrets('NOOP x', 'NOOP'), 'NOOP x');
  });
});

describe('EHLO', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['mail.example.org', 'domain'],
    ['localhost', 'domain'],
    ['[192.0.2.1]', 'literal'],
    ['[IPv6:2001:db8::1]', 'literal'],
    ['[300.1.1.1]', 'odd'],
    ['my_laptop', 'odd'],
    ['192.0.2.1', 'odd'],
    ['', undefined],
    ['two words', undefined],
    ['bücher.example', undefined],
    ['x'.repeat(256), undefined],
  ];
  for (const [name, form] of table) {
    test(JSON.stringify(name.slice(0, 30)), () => {
      const read = parseHello(`EHLO ${name}`, 5);
      assert.deepEqual(read.ok ? read.value : undefined, form === undefined ? undefined : { name, form });
    });
  }
});

describe('MAIL and RCPT', () => {
  test('the address and the parameters are read together', () => {
    const read = parseMail('MAIL FROM:<a@b.example> SIZE=5 BODY=8BITMIME', 5);
    assert.equal(read.ok && read.value.sender?.text, 'a@b.example');
    assert.equal(read.ok && read.value.parameters.size, 5);
  });

  test('a space behind the colon is let pass, a missing colon or bracket is not', () => {
    assert.equal(parseMail('MAIL FROM: <a@b.example>', 5).ok, true);
    assert.equal(parseRcpt('RCPT to:  <a@b.example>', 5).ok, true);
    for (const line of ['MAIL FROM <a@b.example>', 'MAIL FROM:a@b.example', 'MAIL <a@b.example>', 'MAIL', 'MAIL TO:<a@b.example>'])
      assert.equal(parseMail(line, 5).ok, false, line);
  });

  test('what is wrong has the status of RFC 3463', () => {
    const sender = parseMail('MAIL FROM:<a@>', 5);
    assert.deepEqual(!sender.ok && [sender.code, sender.status], [501, '5.1.7']);
    const recipient = parseRcpt('RCPT TO:<a@>', 5);
    assert.deepEqual(!recipient.ok && [recipient.code, recipient.status], [501, '5.1.3']);
    const unknown = parseRcpt('RCPT TO:<a@b.example> FOO=1', 5);
    assert.deepEqual(!unknown.ok && [unknown.code, unknown.status], [555, '5.5.4']);
    const glued = parseRcpt('RCPT TO:<a@b.example>NOTIFY=NEVER', 5);
    assert.deepEqual(!glued.ok && [glued.code, glued.status], [501, '5.5.4']);
  });
});

describe('BDAT', () => {
  test('has octets and perhaps LAST', () => {
    assert.deepEqual(parseBdat('BDAT 86 LAST', 5), { ok: true, value: { octets: 86, isLast: true } });
    assert.deepEqual(parseBdat('bdat 0', 5), { ok: true, value: { octets: 0, isLast: false } });
    for (const rest of ['', 'LAST', '-1', '1.5', '0x10', '1 LAST LAST', '1 FIRST', '9'.repeat(16), '1LAST'])
      assert.equal(parseBdat(`BDAT ${rest}`, 5).ok, false, rest);
  });
});

describe('AUTH', () => {
  test('has a mechanism and perhaps an initial response', () => {
    assert.deepEqual(parseAuth('AUTH login', 5), { ok: true, value: { mechanism: 'LOGIN', initial: undefined } });
    assert.deepEqual(parseAuth('AUTH PLAIN =', 5), { ok: true, value: { mechanism: 'PLAIN', initial: Buffer.alloc(0) } });
    assert.deepEqual(parseAuth('AUTH PLAIN AGEAYg==', 5), { ok: true, value: { mechanism: 'PLAIN', initial: Buffer.from('\0a\0b') } });
    for (const rest of ['', 'PLAIN a b', 'PL/AIN', 'X'.repeat(21), 'PLAIN AGE', 'PLAIN =AAA', 'PLAIN AAA=BBB=', 'PLAIN AG*A'])
      assert.equal(parseAuth(`AUTH ${rest}`, 5).ok, false, rest);
  });

  test('base64 is strict (RFC 4954 §4)', () => {
    assert.deepEqual(parseBase64('AAA='), Buffer.alloc(2));
    assert.deepEqual(parseBase64(''), Buffer.alloc(0));
    for (const text of ['=AAA', 'AAA=BBB=', 'A', 'AA=', 'AAAA====', 'AA-_', ' AAA']) assert.equal(parseBase64(text), undefined, text);
  });
});
