import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type MailParameters, parseMailParameters, parseRcptParameters, type RcptParameters } from './parameters.ts';
import { decodeXtext, encodeXtext } from './xtext.ts';

const NO_MAIL: MailParameters = { size: null, body: '7bit', smtpUtf8: false, auth: null, returnContent: null, envelopeId: null };
const NO_RCPT: RcptParameters = { notify: null, originalRecipient: null };
const NOTIFY = { never: false, success: false, failure: false, delay: false };

describe('parameters of MAIL', () => {
  const good: readonly (readonly [string, Partial<MailParameters>])[] = [
    ['', {}],
    [' SIZE=0', { size: 0 }],
    [' size=1234567', { size: 1234567 }],
    [' SIZE=99999999999999999999', { size: 1e20 }],
    [' BODY=8bitMIME', { body: '8bitmime' }],
    [' BODY=BINARYMIME SMTPUTF8', { body: 'binarymime', smtpUtf8: true }],
    [' AUTH=<>', { auth: '<>' }],
    [' AUTH=e+3Dmc2@example.com', { auth: 'e=mc2@example.com' }],
    [' RET=HDRS ENVID=QQ314159', { returnContent: 'headers', envelopeId: 'QQ314159' }],
    [' RET=full ENVID=a+2Bb+20c', { returnContent: 'full', envelopeId: 'a+b c' }],
    ['  SIZE=1   BODY=7BIT', { size: 1 }],
  ];
  for (const [text, expected] of good) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(parseMailParameters(`<>${text}`, 2), { ok: true, value: { ...NO_MAIL, ...expected } });
    });
  }

  const bad: readonly (readonly [string, number])[] = [
    ['SIZE=1', 501],
    [' SIZE', 501],
    [' SIZE=', 501],
    [' SIZE=-1', 501],
    [' SIZE=1e3', 501],
    [' SIZE=123456789012345678901', 501],
    [' SIZE=1 size=2', 501],
    [' BODY', 501],
    [' BODY=9BIT', 501],
    [' SMTPUTF8=yes', 501],
    [' AUTH', 501],
    [' AUTH=', 501],
    [' AUTH=a+3', 501],
    [' RET=ALL', 501],
    [' ENVID=', 501],
    [' ENVID=a+0Ab', 501],
    [` ENVID=${'x'.repeat(101)}`, 501],
    [' ENVID=a ENVID=b', 501],
    [' NOTIFY=NEVER', 555],
    [' X-SECRET=1', 555],
    [' =1', 555],
    [' __proto__=1', 555],
  ];
  for (const [text, code] of bad) {
    test(`${JSON.stringify(text.slice(0, 40))} is ${code}`, () => {
      const read = parseMailParameters(text, 0);
      assert.equal(!read.ok && read.code, code);
    });
  }
});

describe('parameters of RCPT', () => {
  const good: readonly (readonly [string, Partial<RcptParameters>])[] = [
    ['', {}],
    [' NOTIFY=NEVER', { notify: { ...NOTIFY, never: true } }],
    [' NOTIFY=success,FAILURE,Delay', { notify: { never: false, success: true, failure: true, delay: true } }],
    [' ORCPT=rfc822;Bob+40big@Example.COM', { originalRecipient: 'rfc822;Bob@big@Example.COM' }],
    [' ORCPT=utf-8;pelé@example.org', { originalRecipient: 'utf-8;pelé@example.org' }],
    [' ORCPT=utf-8;pel\\x{E9}@example.org', { originalRecipient: 'utf-8;pel\\x{E9}@example.org' }],
  ];
  for (const [text, expected] of good) {
    test(JSON.stringify(text), () => assert.deepEqual(parseRcptParameters(text, 0), { ok: true, value: { ...NO_RCPT, ...expected } }));
  }

  for (const text of [
    ' NOTIFY=',
    ' NOTIFY=NEVER,DELAY',
    ' NOTIFY=SOON',
    ' NOTIFY=SUCCESS,',
    ' NOTIFY=DELAY NOTIFY=DELAY',
    ' ORCPT=bob@example.com',
    ' ORCPT=;bob@example.com',
    ' ORCPT=rfc822;',
    ' ORCPT=rfc822;a+0D+0Ab',
    ' ORCPT=rfc 822;a',
    ` ORCPT=rfc822;${'x'.repeat(500)}`,
  ]) {
    test(`${JSON.stringify(text.slice(0, 40))} is refused`, () => assert.equal(parseRcptParameters(text, 0).ok, false));
  }
});

describe('xtext', () => {
  test('goes there and back', () => {
    for (const text of ['', 'plain', 'a+b=c d', '~!', 'e=mc2@example.com']) {
      assert.deepEqual(decodeXtext(encodeXtext(text)), { ok: true, value: text });
    }
  });

  test('refuses what would become a line of its own, and codes that are none', () => {
    for (const text of ['+0A', '+0D', '+00', '+7F', '+FF', '+', '+4', '+4g', '+4a', 'a b', 'a=b']) {
      assert.equal(decodeXtext(text).ok, false, text);
    }
  });
});
