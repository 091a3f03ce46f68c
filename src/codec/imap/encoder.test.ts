import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from './cursor.ts';
import { formatDateTime, readDateTime } from './date.ts';
import { astring, nstring, string } from './encoder.ts';

describe('the IMAP encoder', () => {
  it('picks the plainest form', () => {
    assert.deepEqual(
      ['INBOX', 'a b', 'nil', '', 'a"b', 'a\\b', 'a%', '[x'].map((text) => astring(text, false)),
      ['INBOX', '"a b"', '"nil"', '""', '"a\\"b"', '"a\\\\b"', '"a%"', '[x'],
    );
    assert.equal(nstring(null, false), 'NIL');
    assert.equal(string('é', false), '{2}\r\né');
    assert.equal(string('é', true), '"é"');
    assert.equal(string('a\r\nb', true), '{4}\r\na\r\nb');
    assert.equal(string('a\0b', true), '{2}\r\nab');
    assert.equal(string('\ud800', true), '{3}\r\n\ufffd');
    assert.match(string('x'.repeat(1001), false), /^\{1001\}\r\n/);
  });
  it('writes what the cursor reads', () => {
    for (const text of ['', 'x', 'a b', '"\\', 'é😀', 'a\r\nb', 'nil', '(', 'x'.repeat(2000), '\t\u007f']) {
      for (const utf8 of [false, true]) {
        assert.equal(new Cursor(Buffer.from(astring(text, utf8))).astring(), text);
        assert.equal(new Cursor(Buffer.from(nstring(text, utf8))).nstring(), text);
      }
    }
  });
  it('writes dates as it reads them', () => {
    for (const ms of [0, Date.UTC(2026, 10, 3, 4, 5, 6), Date.UTC(1994, 1, 28, 23, 59, 59)]) {
      assert.equal(readDateTime(new Cursor(Buffer.from(formatDateTime(ms)))), ms);
    }
    assert.equal(formatDateTime(Date.UTC(2026, 10, 3, 4, 5, 6)), '" 3-Nov-2026 04:05:06 +0000"');
  });
});
