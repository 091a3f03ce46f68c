import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from './cursor.ts';
import { canonical, decodeModifiedUtf7, encodeModifiedUtf7, readMailbox, toWire, whyNotName } from './mailbox-name.ts';

describe('modified UTF-7', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['INBOX', 'INBOX'],
    ['Me & you', 'Me &- you'],
    ['&', '&-'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['台北日本語', '&U,BTF2XlZyyKng-'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['😀', '&2D3eAA-'],
    ['a&ü&b', 'a&-&APw-&-b'],
  ];
  for (const [name, wire] of pairs) {
    it(`writes and reads ${name}`, () => {
      assert.equal(encodeModifiedUtf7(name), wire);
      assert.equal(decodeModifiedUtf7(wire), name);
      assert.equal(toWire(name, false), wire);
      assert.equal(toWire(name, true), name);
    });
  }
  // No shift back, a shift doubled, ASCII encoded, alphabet left, bits left over, odd octets.
  for (const wire of ['&Jjo', '&Jjo!', '&U,BTFw-&ZeVnLIqe-', '&AGE-', '&A*-', '&APx-', '&AP-', '&', '&APw=-']) {
    it(`refuses ${wire}`, () => assert.equal(decodeModifiedUtf7(wire), undefined));
  }
  it('takes raw UTF-8 from clients that send it', () => assert.equal(decodeModifiedUtf7('Entwürfe &- mehr'), 'Entwürfe & mehr'));
});

describe('mailbox names', () => {
  it('knows INBOX in any case, alone and as a parent', () => {
    assert.deepEqual(['inbox', 'InBoX/sub', 'inboxes', 'x/inbox', 'İNBOX'].map(canonical), [
      'INBOX',
      'INBOX/sub',
      'inboxes',
      'x/inbox',
      'İNBOX',
    ]);
  });
  it('says why a name cannot be', () => {
    for (const bad of ['', '/a', 'a/', 'a//b', 'a%', '*', 'a\u0007', 'a\u2028b', '\ud800', 'x'.repeat(1001), 'a/'.repeat(40) + 'a'])
      assert.notEqual(whyNotName(bad), undefined, bad);
    for (const good of ['a', 'a/b', 'Entwürfe', '#news', '~x', 'a.b', '日本語/😀']) assert.equal(whyNotName(good), undefined, good);
  });
  it('reads by the revision enabled', () => {
    assert.equal(readMailbox(new Cursor(Buffer.from('"Entw&APw-rfe"'), false)), 'Entwürfe');
    assert.equal(readMailbox(new Cursor(Buffer.from('"Entw&APw-rfe"'), true)), 'Entw&APw-rfe');
    assert.equal(readMailbox(new Cursor(Buffer.from('"Entwu\u0308rfe"'), true)), 'Entwürfe');
    const broken = new Cursor(Buffer.from('"&Jjo!"'), false);
    readMailbox(broken);
    assert.notEqual(broken.fault, undefined);
  });
});
