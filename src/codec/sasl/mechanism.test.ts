import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SaslAction, SaslContext } from './exchange.ts';
import { beginSasl, mechanismNames } from './mechanism.ts';
import { saslPrep } from './saslprep.ts';

const context: SaslContext = { nonce: 'x', channelBinding: () => undefined };
const bound: SaslContext = { nonce: 'x', channelBinding: () => Buffer.alloc(32) };

/** What a mechanism makes of the client's responses: its challenges, and how it ends. */
function talk(name: string, ...responses: readonly (string | Buffer | undefined)[]): unknown[] {
  const exchange = beginSasl(name, context);
  assert.ok(exchange);
  return responses.map((response) => {
    const action: SaslAction = exchange.receive(typeof response === 'string' ? Buffer.from(response) : response);
    return action.do === 'challenge' ? action.data.toString() : action;
  });
}

const check = (login: string, password: string, actAs?: string): unknown => ({ do: 'checkPassword', login, password, actAs });
const malformed = { do: 'failed', why: 'malformed' };

describe('the mechanisms', () => {
  test('are offered strongest first, -PLUS only where there is something to bind to', () => {
    assert.deepEqual(
      mechanismNames(() => undefined),
      ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'],
    );
    assert.deepEqual(
      mechanismNames(() => Buffer.alloc(32)),
      ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN', 'LOGIN'],
    );
  });

  test('begin by name; unknown ones and unbound -PLUS do not', () => {
    assert.ok(beginSasl('plain', context));
    assert.ok(beginSasl('SCRAM-SHA-256-PLUS', bound));
    for (const name of ['SCRAM-SHA-256-PLUS', 'CRAM-MD5', '', 'ANONYMOUS']) assert.equal(beginSasl(name, context), undefined);
  });
});

describe('PLAIN (RFC 4616)', () => {
  test('name and password in one', () => {
    assert.deepEqual(talk('PLAIN', '\0tim\0tanstaaftanstaaf'), [check('tim', 'tanstaaftanstaaf')]);
    assert.deepEqual(talk('PLAIN', undefined, '\0tim\0x'), ['', check('tim', 'x')]);
    assert.deepEqual(talk('PLAIN', 'Ursel\0Kurt\0xipj3plmq'), [check('Kurt', 'xipj3plmq', 'Ursel')]);
    assert.deepEqual(talk('PLAIN', 'tim\0tim\0x'), [check('tim', 'x')]);
  });

  test('anything else is refused', () => {
    for (const response of [
      '',
      'tim',
      'tim\0x',
      '\0\0x',
      '\0tim\0',
      '\0tim\0x\0y',
      '\0t\u0007m\0x',
      `\0${'x'.repeat(321)}\0x`,
      `\0tim\0${'x'.repeat(1_025)}`,
    ]) {
      assert.deepEqual(talk('PLAIN', response), [malformed], JSON.stringify(response.slice(0, 20)));
    }
    assert.deepEqual(talk('PLAIN', Buffer.from('\0t\xff\0x', 'latin1')), [malformed]);
  });

  test('names and passwords are prepared (RFC 4013)', () => {
    assert.deepEqual(talk('PLAIN', '\0Ⅸ\0pass\u00a0w\u00adord'), [check('IX', 'pass word')]);
  });
});

describe('LOGIN', () => {
  test('name, then password', () => {
    assert.deepEqual(talk('LOGIN', undefined, 'tim', 'x'), ['Username:', 'Password:', check('tim', 'x')]);
    assert.deepEqual(talk('LOGIN', Buffer.alloc(0), 'tim', 'x'), ['Username:', 'Password:', check('tim', 'x')]);
    assert.deepEqual(talk('LOGIN', 'tim', 'x'), ['Password:', check('tim', 'x')]);
  });

  test('neither may be empty', () => {
    assert.deepEqual(talk('LOGIN', undefined, '', 'x'), ['Username:', 'Password:', malformed]);
    assert.deepEqual(talk('LOGIN', undefined, 'tim', ''), ['Username:', 'Password:', malformed]);
  });
});

describe('SASLprep (RFC 4013 §3)', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['\u0007', undefined],
    ['\u0627\u0031', undefined],
    ['\u0627\u0031\u0628', '\u0627\u0031\u0628'],
    ['a\u0627', undefined],
    ['½', '1⁄2'],
    ['\u3000x', ' x'],
    ['\u00ad', ''],
    ['x\u202e', undefined],
    ['\ue000', undefined],
    ['\ufdd0', undefined],
    ['\ufffd', undefined],
    ['\ud800', undefined],
    ['\u{e0001}', undefined],
    ['x\u007f', undefined],
    ['pässwörd 🔑', 'pässwörd 🔑'],
    ['é', 'é'],
  ];
  for (const [text, expected] of table) {
    test(JSON.stringify(text), () => {
      const prepared = saslPrep(text);
      assert.equal(prepared.ok ? prepared.value : undefined, expected);
    });
  }

  test('prepared text stays as it is', () => {
    for (const [text] of table) {
      const once = saslPrep(text);
      if (once.ok) assert.deepEqual(saslPrep(once.value), once);
    }
  });
});
