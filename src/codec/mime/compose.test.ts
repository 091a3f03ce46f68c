import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Body, type Composition, compose } from './compose.ts';
import { fileName, partOctets, partText } from './content.ts';
import { decodedHeader } from './encoded-word.ts';
import { unstructured, writeField } from './header-writing.ts';
import { headerTextOf, headerValues } from './headers.ts';
import { scan } from './scanner.ts';
import type { Part } from './structure.ts';

const FROM = { name: 'Jürgen Müller', mailbox: 'j', host: 'example.com' };
const BASE: Composition = { from: [FROM], date: Date.UTC(2024, 10, 15, 8, 2, 1), body: { kind: 'text', text: 'Hello\n' } };
const part = (root: Part, ...path: number[]): Part => {
  let found: Part | undefined = root;
  for (const index of path) found = found?.parts[index];
  assert.ok(found !== undefined);
  return found;
};

test('a plain message, octet by octet', () => {
  const message = compose({
    ...BASE,
    to: [{ name: null, mailbox: 'a', host: 'b.example' }],
    subject: 'Grüße aus Berlin',
    messageId: '<1@example.com>',
    inReplyTo: '<0@example.com>',
    references: ['<x@example.com>', '<0@example.com>'],
    more: [['Auto-Submitted', 'auto-replied']],
  });
  const expected = [
    'Date: Fri, 15 Nov 2024 08:02:01 +0000',
    'From: =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <j@example.com>',
    'To: a@b.example',
    'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus Berlin',
    'Message-ID: <1@example.com>',
    'In-Reply-To: <0@example.com>',
    'References: <x@example.com> <0@example.com>',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    '',
    'Hello',
    '',
  ];
  assert.equal(message.toString('latin1'), expected.join('\r\n'));
});

test('a whole letter comes back as it was', () => {
  const attached = compose({ ...BASE, subject: 'inner' });
  const file = Buffer.from([0, 1, 2, 250, 251, 10, 13]);
  const body: Body = {
    kind: 'multipart',
    subtype: 'mixed',
    parts: [
      {
        kind: 'multipart',
        subtype: 'alternative',
        parts: [
          { kind: 'text', text: 'Grüße\n.\nFrom here' },
          { kind: 'text', subtype: 'html', text: '<p>日本語</p>' },
        ],
      },
      { kind: 'file', type: 'application/octet-stream', bytes: file, name: 'Bürgerbüro “Mitte” — Öffnungszeiten und Anfahrt.pdf' },
      { kind: 'file', type: 'image/png', bytes: file, inline: true, id: '<logo@x>' },
      { kind: 'lines', type: 'message/rfc822', bytes: attached, description: 'der Brief für dich' },
    ],
  };
  const message = compose({ ...BASE, subject: 'x', body });
  const { root, defects } = scan(message);
  assert.deepEqual(defects, []);
  assert.equal(partText(message, part(root, 0, 0)), 'Grüße\r\n.\r\nFrom here\r\n');
  assert.equal(partText(message, part(root, 0, 1)), '<p>日本語</p>\r\n');
  assert.equal(fileName(part(root, 1)), 'Bürgerbüro “Mitte” — Öffnungszeiten und Anfahrt.pdf');
  assert.deepEqual(partOctets(message, part(root, 1)), file);
  assert.deepEqual([part(root, 2).disposition?.kind, part(root, 2).id], ['inline', '<logo@x>']);
  assert.deepEqual(partOctets(message, part(root, 3)), attached);
  assert.equal(decodedHeader(part(root, 3).description ?? ''), 'der Brief für dich');
  assert.equal(part(root, 3).message?.envelope.subject, 'inner');
  for (const line of message.toString('latin1').split('\r\n')) assert.ok(line.length <= 78, line);
});

test('the boundary stands in no part, not even in one made of it', () => {
  const inner: Body = { kind: 'lines', type: 'text/plain', bytes: Buffer.from('x') };
  const first = compose({ ...BASE, body: { kind: 'multipart', subtype: 'mixed', parts: [inner] } });
  const again = compose({
    ...BASE,
    body: { kind: 'multipart', subtype: 'mixed', parts: [{ kind: 'lines', type: 'message/rfc822', bytes: first }] },
  });
  assert.equal(part(scan(again).root, 0).message?.root.parts.length, 1);
  assert.deepEqual(compose({ ...BASE, body: { kind: 'multipart', subtype: 'mixed', parts: [inner] } }), first);
});

test('lines name the encoding they have', () => {
  const encodingOf = (bytes: Buffer): string =>
    scan(compose({ ...BASE, body: { kind: 'lines', type: 'text/plain', bytes } })).root.encoding;
  assert.equal(encodingOf(Buffer.from('abc\r\n')), '7bit');
  assert.equal(encodingOf(Buffer.from('ü\r\n')), '8bit');
  assert.equal(encodingOf(Buffer.from('a\0')), 'binary');
  assert.equal(encodingOf(Buffer.from(`${'x'.repeat(998)}\r\n`)), '7bit');
  assert.equal(encodingOf(Buffer.from(`${'x'.repeat(1_000)}\r\n`)), 'binary');
});

test('SECURITY: no value adds a field or ends the header', () => {
  const evil = 'x\r\nBcc: evil@example.com\r\n\r\nbody';
  const message = compose({
    ...BASE,
    from: [{ name: evil, mailbox: evil, host: evil }],
    subject: evil,
    messageId: evil,
    more: [['X-Evil', evil]],
    body: { kind: 'multipart', subtype: 'mixed', parts: [{ kind: 'file', type: 'a/b', bytes: Buffer.from('x'), name: evil }] },
  });
  const { envelope, root } = scan(message);
  assert.equal(envelope.bcc, null);
  assert.equal(root.parts.length, 1);
  assert.throws(() => writeField('Bad Name', 'x'));
  assert.throws(() => writeField('Bad:', 'x'));
});

test('UTF-8 headers where the peer takes them', () => {
  const message = compose({ ...BASE, utf8: true, subject: 'Grüße', to: [{ name: 'Дмитрий', mailbox: 'дмитрий', host: 'пример.example' }] });
  assert.ok(message.includes('Subject: Grüße\r\n') && message.includes('To: Дмитрий <дмитрий@пример.example>\r\n'));
  assert.equal(scan(message).envelope.subject, 'Grüße');
});

test('any subject and any name come back', () => {
  const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('=?', 'word', 'x'.repeat(1_100))), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (words) => {
      const subject = words
        .join(' ')
        .replace(/[\p{C}\s]+/gu, ' ')
        .trim();
      const message = compose({ ...BASE, subject });
      const long = subject.split(' ').some((word) => word.length > 900);
      if (!long) assert.equal(headerTextOf(message, 'Subject'), subject);
      for (const line of message.toString('latin1').split('\r\n')) assert.ok(line.length <= 998);
      assert.equal(headerValues(message, 'MIME-Version').length, 1);
    }),
  );
});

test('only the words that need it are encoded', () => {
  assert.equal(unstructured('all plain'), 'all plain');
  assert.equal(unstructured('a b ü c ö d'), 'a b =?utf-8?Q?=C3=BC_c_=C3=B6?= d');
  assert.equal(unstructured('looks like =?utf-8?Q?this?='), 'looks like =?utf-8?Q?=3D=3Futf-8=3FQ=3Fthis=3F=3D?=');
});

test('no field has a line of more than 998 octets, whatever it is made of', () => {
  for (const value of [
    '日'.repeat(3_000),
    `a${' '.repeat(5_000)}b`,
    `${'x'.repeat(899)} ${'😀'.repeat(800)}`,
    `x ${' '.repeat(199)}${'y'.repeat(900)}`,
  ]) {
    const field = Buffer.from(writeField('X-Long', value), 'utf8').toString('latin1');
    for (const line of field.split('\r\n')) assert.ok(line.length <= 998, `${line.length}`);
    assert.ok(!/\r\n\s*\r\n/.test(field), 'no line is blank');
  }
});

test('wrong bodies are bugs of the caller', () => {
  let body: Body = { kind: 'text', text: '' };
  for (let depth = 0; depth < 12; depth++) body = { kind: 'multipart', subtype: 'mixed', parts: [body] };
  assert.throws(() => compose({ ...BASE, body }));
  assert.throws(() => compose({ ...BASE, body: { kind: 'multipart', subtype: 'mixed', parts: [] } }));
});
