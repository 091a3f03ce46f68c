import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { type SetError, SetFault } from '../../../codec/jmap/error.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { emailAddresses } from '../../../codec/jmap/object/header-form.ts';
import { headerText } from '../../../codec/jmap/object/header-text.ts';
import { fileName, partOctets, partText } from '../../../codec/mime/content.ts';
import { headerValue, headerValues } from '../../../codec/mime/headers.ts';
import { scan } from '../../../codec/mime/scanner.ts';
import type { Part } from '../../../codec/mime/structure.ts';
import { composeEmail, type EmailBlob } from './compose-email.ts';

const NOW = Date.UTC(2026, 10, 23, 11, 0, 0);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 10, 13]);
const LETTER = Buffer.from('Subject: inner\r\n\r\nHello\r\n');

const BLOBS: Readonly<Record<string, Buffer>> = {
  png: PNG,
  letter: LETTER,
  unix: Buffer.from('Subject: unix\n\nh\xc3\xa9llo\n', 'latin1'),
  long: Buffer.from(`Subject: long\r\n\r\n${'x'.repeat(2_000)}\r\n`),
  csv: Buffer.from('a,b\r\nc,d\r\n'),
  utf8: Buffer.from('ü\r\n'),
};

const blobOf = (octets: Buffer, step = 7) => ({
  size: octets.length,
  async *pieces() {
    for (let at = 0; at < octets.length; at += step) yield octets.subarray(at, at + step);
  },
});

const composing = {
  now: NOW,
  unique: 'abcdefghij0123456789',
  domain: 'school.test',
  limit: 1_000_000,
  blob: (id: string): EmailBlob | undefined => (Object.hasOwn(BLOBS, id) ? blobOf(BLOBS[id] ?? PNG) : undefined),
};

const BASE: JsonObject = { mailboxIds: { m1: true } };
const TEXT: JsonObject = { ...BASE, textBody: [{ partId: 't', type: 'text/plain' }], bodyValues: { t: { value: 'Hello\n' } } };
const HTML: JsonObject = { htmlBody: [{ partId: 'h', type: 'text/html' }] };

async function composed(object: JsonObject) {
  const email = await composeEmail(object, composing);
  const message = Buffer.concat(await Array.fromAsync(email.pieces));
  assert.equal(message.length, email.size, 'the size told is the size given');
  for (const line of message.toString('latin1').split('\r\n')) assert.ok(line.length <= 998 && !/[\r\n\0]/.test(line), line.slice(0, 80));
  return { ...email, message, ...scan(message) };
}

async function faultOf(object: JsonObject): Promise<SetError> {
  try {
    await composeEmail(object, composing);
  } catch (error) {
    if (error instanceof SetFault) return error.error;
    throw error;
  }
  return assert.fail('nothing was wrong');
}

const shape = (part: Part): string =>
  part.type === 'multipart' ? `${part.subtype}(${part.parts.map(shape).join(' ')})` : `${part.type}/${part.subtype}`;

test('a plain message, octet by octet', async () => {
  const email = await composed({
    ...TEXT,
    from: [{ name: 'Jürgen', email: 'j@school.test' }],
    to: [{ email: 'a@b.test' }, { name: null, email: 'дмитрий@пример.test' }],
    subject: 'Grüße',
    inReplyTo: ['0@x'],
    'header:X-Mailer': ' our web',
    keywords: { $Draft: true, $seen: true },
    receivedAt: '2020-01-02T03:04:05Z',
  });
  const expected = [
    'Date: Mon, 23 Nov 2026 11:00:00 +0000',
    'From: =?utf-8?Q?J=C3=BCrgen?= <j@school.test>',
    'To: a@b.test, дмитрий@пример.test',
    'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=',
    'Message-ID: <abcdefghij0123456789@school.test>',
    'In-Reply-To: <0@x>',
    'X-Mailer: our web',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 7bit',
    '',
    'Hello',
    '',
  ];
  assert.deepEqual(email.message.toString('utf8').split('\r\n'), expected);
  assert.deepEqual([email.mailboxIds, email.keywords, email.receivedAt], [['m1'], ['$draft', '$seen'], Date.UTC(2020, 0, 2, 3, 4, 5)]);
});

const image = { blobId: 'png', type: 'image/png', cid: 'logo@x', name: 'Logo größer.png' };
const both = { ...TEXT, ...HTML, bodyValues: { t: { value: 'a' }, h: { value: '<p>ü<img src="cid:logo@x">' } } };
const SHAPES: readonly (readonly [string, JsonObject])[] = [
  ['text/plain', BASE],
  ['text/plain', TEXT],
  ['alternative(text/plain text/html)', both],
  ['alternative(text/plain related(text/html image/png))', { ...both, attachments: [image] }],
  ['mixed(alternative(text/plain text/html) image/png)', { ...both, attachments: [{ ...image, disposition: 'attachment' }] }],
  ['mixed(text/plain image/png)', { ...TEXT, attachments: [image] }],
  ['mixed(image/png)', { ...BASE, attachments: [image] }],
  ['mixed(text/plain message/rfc822)', { ...TEXT, attachments: [{ blobId: 'letter', type: 'message/rfc822' }] }],
  ['mixed(text/plain application/octet-stream)', { ...TEXT, attachments: [{ blobId: 'long', type: 'message/rfc822' }] }],
  [
    'signed(text/plain application/pgp-signature)',
    {
      ...BASE,
      bodyValues: { t: { value: 'x' } },
      bodyStructure: {
        'header:Content-Type': ' multipart/signed; protocol="application/pgp-signature"; boundary=theirs',
        subParts: [{ partId: 't' }, { blobId: 'csv', type: 'application/pgp-signature' }],
      },
    },
  ],
];
for (const [expected, object] of SHAPES)
  test(`built: ${expected}`, async () => {
    const { root, defects } = await composed(object);
    assert.equal(shape(root), expected);
    assert.deepEqual(defects, []);
  });

test('attachments come back as they were, each in the encoding it needs', async () => {
  const files: readonly (readonly [string, string, string])[] = [
    ['png', 'image/png', 'base64'],
    ['csv', 'text/csv', '7bit'],
    ['utf8', 'text/csv', 'base64'],
    ['letter', 'message/rfc822', '7bit'],
    ['long', 'message/rfc822', 'base64'],
  ];
  const attachments = files.map(([blobId, type]) => ({ blobId, type, name: `${blobId} é“.x` }));
  const { message, root } = await composed({ ...TEXT, attachments });
  files.forEach(([blobId, , encoding], at) => {
    const part = root.parts[at + 1];
    assert.ok(part !== undefined);
    assert.deepEqual(partOctets(message, part), BLOBS[blobId]);
    assert.deepEqual([part.encoding, fileName(part), part.disposition?.kind], [encoding, `${blobId} é“.x`, 'attachment']);
  });
  const unix = await composed({ ...BASE, bodyStructure: { blobId: 'unix', type: 'message/rfc822' } });
  assert.equal(unix.root.message?.envelope.subject, 'unix');
  assert.equal(unix.root.encoding, '8bit');
});

test('text keeps what it is: format=flowed, trailing spaces, long lines', async () => {
  const value = `flowed \nmore\n-- \n${'long '.repeat(300)}\nFrom here\n.\n`;
  const bodyStructure = { 'header:Content-Type': 'text/plain; format=flowed; delsp=yes', partId: 't' };
  const { message, root } = await composed({ ...BASE, bodyValues: { t: { value } }, bodyStructure });
  assert.equal(partText(message, root).replaceAll('\r\n', '\n'), value);
  assert.deepEqual({ ...root.parameters }, { charset: 'utf-8', format: 'flowed', delsp: 'yes' });
});

test('what is no address yet stays what was typed', async () => {
  // Where a domain can be told, what stands before it is quoted, and stays one address.
  const quoted: Readonly<Record<string, string>> = { 'a@b@c.test': '"a@b"@c.test', 'x@y>, <evil@z.test': '"x@y>, <evil"@z.test' };
  for (const email of ['joe', 'bob@exa mple', 'bob@', '"john smith"@x.test', 'a,b', 'a <b@c>', ...Object.keys(quoted)]) {
    const { envelope } = await composed({ ...TEXT, to: [{ name: 'N', email }] });
    const read = emailAddresses(envelope.to ?? []);
    assert.equal(read.length, 1);
    assert.equal(read[0]?.email, quoted[email] ?? email);
  }
  const idn = await composed({ ...TEXT, to: [{ email: 'a@bücher.test' }] });
  assert.equal(idn.envelope.to?.[0]?.host, 'xn--bcher-kva.test');
});

test('every form of a header', async () => {
  const { message, envelope, references } = await composed({
    ...TEXT,
    sentAt: '2014-10-30T14:12:00+08:00',
    messageId: ['mine@x'],
    references: ['a@x', 'b@x'],
    'header:Cc:asGroupedAddresses': [
      { name: 'Freunde ü', addresses: [{ name: null, email: 'a@x.test' }] },
      { name: null, addresses: [{ email: 'b@x.test' }] },
    ],
    'header:List-Post:asURLs': ['mailto:list@x.test'],
    'header:X-Tag:asText:all': ['eins ü', 'zwei'],
    'header:X-Folded': ' a\r\n b',
    subject: null,
  });
  assert.equal(envelope.date, 'Thu, 30 Oct 2014 14:12:00 +0800');
  assert.deepEqual([envelope.messageId, references, envelope.subject], ['<mine@x>', ['<a@x>', '<b@x>'], null]);
  assert.deepEqual(
    envelope.cc?.map(({ mailbox, host }) => [mailbox === null ? null : headerText(mailbox), host]),
    [
      ['Freunde ü', null],
      ['a', 'x.test'],
      [null, null],
      ['b', 'x.test'],
    ],
  );
  assert.equal(headerValue(message, 'List-Post'), '<mailto:list@x.test>');
  assert.deepEqual(headerValues(message, 'X-Tag').map(headerText), ['eins ü', 'zwei']);
  assert.equal(headerValue(message, 'X-Folded'), 'a b');
});

const t = { partId: 't', type: 'text/plain' };
const BAD: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['no mailbox', { ...TEXT, mailboxIds: {} }, ['mailboxIds']],
  ['a mailbox that is false', { ...TEXT, mailboxIds: { m1: false } }, ['mailboxIds']],
  ['mailboxes missing', { subject: 'x' }, ['mailboxIds']],
  ['a keyword with a space', { ...TEXT, keywords: { 'a b': true } }, ['keywords']],
  ['a long keyword', { ...TEXT, keywords: { ['k'.repeat(256)]: true } }, ['keywords']],
  ['a local receivedAt', { ...TEXT, receivedAt: '2020-01-02T03:04:05+01:00' }, ['receivedAt']],
  ['headers', { ...TEXT, headers: [] }, ['headers']],
  ['what the server sets', { ...TEXT, id: 'e1', size: 3, preview: '' }, ['id', 'size', 'preview']],
  ['what there is not', { ...TEXT, subjct: 'x' }, ['subjct']],
  ['two forms of a field', { ...TEXT, subject: 'x', 'header:Subject': 'y' }, ['subject', 'header:Subject']],
  ['two headers', { ...TEXT, 'header:X-a': 'x', 'header:x-A:asText': 'y' }, ['header:X-a', 'header:x-A:asText']],
  ['a forbidden form', { ...TEXT, 'header:From:asText': 'x' }, ['header:From:asText']],
  ['no form', { ...TEXT, 'header:X:asNonsense': 'x' }, ['header:X:asNonsense']],
  ['Content- on the Email', { ...TEXT, 'header:Content-Language': 'en' }, ['header:Content-Language']],
  ['two subjects', { ...TEXT, 'header:Subject:asText:all': ['a', 'b'] }, ['header:Subject:asText:all']],
  ['a line end', { ...TEXT, subject: 'a\r\nBcc: evil@x' }, ['subject']],
  ['a bare line feed in Raw', { ...TEXT, 'header:X-a': 'a\nBcc: evil@x' }, ['header:X-a']],
  ['a NUL', { ...TEXT, 'header:X-a': 'a\0' }, ['header:X-a']],
  ['a line end in a name', { ...TEXT, to: [{ name: 'a\rb', email: 'a@x' }] }, ['to']],
  ['a line end in an address', { ...TEXT, to: [{ email: 'a@x\r\nBcc: b@x' }] }, ['to']],
  ['no address', { ...TEXT, to: ['a@x'], cc: {} }, ['to', 'cc']],
  ['an id in brackets', { ...TEXT, inReplyTo: ['<a@x>'] }, ['inReplyTo']],
  ['two ids of one message', { ...TEXT, messageId: ['a@x', 'b@x'] }, ['messageId']],
  ['no date', { ...TEXT, sentAt: '2014-02-30T14:12:00Z' }, ['sentAt']],
  ['bodyStructure and textBody', { ...TEXT, bodyStructure: t }, ['textBody']],
  [
    'a field of the Email again',
    { ...BASE, subject: 'x', bodyValues: TEXT['bodyValues'], bodyStructure: { ...t, 'header:Subject': 'y' } },
    ['bodyStructure'],
  ],
  ['two text bodies', { ...TEXT, textBody: [t, t] }, ['textBody']],
  ['no text body', { ...TEXT, textBody: [] }, ['textBody']],
  ['HTML as text', { ...TEXT, textBody: [{ ...t, type: 'text/html' }] }, ['textBody']],
  ['text as HTML', { ...BASE, htmlBody: [t], bodyValues: TEXT['bodyValues'] }, ['htmlBody']],
  ['both partId and blobId', { ...TEXT, textBody: [{ ...t, blobId: 'csv' }] }, ['textBody']],
  ['neither', { ...TEXT, textBody: [{ type: 'text/plain' }] }, ['textBody']],
  ['a value that is not there', { ...TEXT, bodyValues: {} }, ['textBody']],
  ['a value of the prototype', { ...TEXT, textBody: [{ partId: 'constructor' }] }, ['textBody']],
  ['charset with partId', { ...TEXT, textBody: [{ ...t, charset: 'utf-8' }] }, ['textBody']],
  ['size with partId', { ...TEXT, textBody: [{ ...t, size: 5 }] }, ['textBody']],
  ['an encoding', { ...TEXT, textBody: [{ ...t, 'header:Content-Transfer-Encoding': '8bit' }] }, ['textBody']],
  ['headers of a part', { ...TEXT, textBody: [{ ...t, headers: [] }] }, ['textBody']],
  ['type twice', { ...TEXT, textBody: [{ ...t, 'header:Content-Type': 'text/plain' }] }, ['textBody']],
  ['truncated', { ...TEXT, bodyValues: { t: { value: 'x', isTruncated: true } } }, ['bodyValues']],
  ['an encoding problem', { ...TEXT, bodyValues: { t: { value: 'x', isEncodingProblem: true } } }, ['bodyValues']],
  ['no value', { ...TEXT, bodyValues: { t: 'x' } }, ['bodyValues', 'textBody']],
  ['a type with more', { ...TEXT, attachments: [{ blobId: 'png', type: 'image/png\r\nX: y' }] }, ['attachments']],
  ['a name with a line end', { ...TEXT, attachments: [{ blobId: 'png', name: 'a\r\nb' }] }, ['attachments']],
  ['a cid with a bracket', { ...TEXT, attachments: [{ blobId: 'png', cid: 'a>\u0000' }] }, ['attachments']],
  ['a multipart as attachment', { ...TEXT, attachments: [{ type: 'multipart/mixed', subParts: [t] }] }, ['attachments']],
  ['an empty multipart', { ...BASE, bodyStructure: { type: 'multipart/mixed', subParts: [] } }, ['bodyStructure']],
  ['parts of a text', { ...BASE, bodyStructure: { blobId: 'csv', type: 'text/csv', subParts: [{ blobId: 'csv' }] } }, ['bodyStructure']],
  [
    'a long message as text',
    { ...BASE, bodyValues: { m: { value: 'ü' } }, bodyStructure: { partId: 'm', type: 'message/rfc822' } },
    ['bodyStructure'],
  ],
  ['too many parts', { ...BASE, attachments: Array.from({ length: 600 }, () => ({ blobId: 'png' })) }, ['attachments']],
  ['too deep', { ...BASE, bodyStructure: deep(30) }, ['bodyStructure']],
  ['a value used twice', { ...TEXT, attachments: [{ partId: 't' }] }, ['attachments']],
];

function deep(levels: number): JsonObject {
  let part: JsonObject = { blobId: 'csv' };
  for (let level = 0; level < levels; level++) part = { type: 'multipart/mixed', subParts: [part] };
  return part;
}

for (const [name, object, properties] of BAD)
  test(`invalidProperties: ${name}`, async () => {
    const fault = await faultOf(object);
    assert.equal(fault.type, 'invalidProperties');
    assert.deepEqual([...(fault.properties ?? [])].sort(), [...properties].sort(), fault.description ?? '');
  });

test('blobs that are not there, all of them; messages and headers that are too long', async () => {
  const attachments = ['no1', 'png', 'no2', 'no1'].map((blobId) => ({ blobId }));
  assert.deepEqual(await faultOf({ ...TEXT, attachments }), { type: 'blobNotFound', notFound: ['no1', 'no2'] });
  const big = { ...composing, blob: () => ({ size: 2_000_000, pieces: () => assert.fail('it must not be read') }) };
  await assert.rejects(composeEmail({ ...TEXT, attachments: [{ blobId: 'x', type: 'message/rfc822' }] }, big), {
    error: { type: 'tooLarge', maxSize: 1_000_000 },
  });
  const header = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`header:X-${at}`, 'word '.repeat(10_000)]));
  assert.equal((await faultOf({ ...TEXT, ...header })).type, 'tooLarge');
});

test('a blob that is not as long as it says ends the message', async () => {
  const lying = { ...composing, blob: () => ({ ...blobOf(PNG), size: 4 }) };
  const { pieces } = await composeEmail({ ...TEXT, attachments: [{ blobId: 'x' }] }, lying);
  await assert.rejects(Array.fromAsync(pieces), /gave 9/);
});

test('a blob that does not know its size is counted first, no further than a message may be', async () => {
  const sizeless = (octets: Buffer) => ({ ...composing, blob: () => ({ ...blobOf(octets, 4_096), size: undefined }) });
  for (const type of ['image/png', 'text/plain', 'message/rfc822']) {
    const email = await composeEmail({ ...TEXT, attachments: [{ blobId: 'x', type }] }, sizeless(LETTER));
    const message = Buffer.concat(await Array.fromAsync(email.pieces));
    assert.equal(message.length, email.size);
    const part = scan(message).root.parts[1];
    assert.deepEqual(part && partOctets(message, part), LETTER);
  }
  const endless = sizeless(Buffer.alloc(1_000_001));
  await assert.rejects(composeEmail({ ...TEXT, attachments: [{ blobId: 'x' }] }, endless), {
    error: { type: 'tooLarge', maxSize: 1_000_000 },
  });
});

test('50 MB of attachments are never in memory at once', async () => {
  const chunk = Buffer.alloc(64 * 1024, 1);
  const size = chunk.length * 800;
  const blob = (): EmailBlob => ({
    size,
    async *pieces() {
      for (let at = 0; at < 800; at++) yield chunk;
    },
  });
  const email = await composeEmail({ ...TEXT, attachments: [{ blobId: 'x' }] }, { ...composing, limit: 100_000_000, blob });
  let total = 0;
  for await (const piece of email.pieces) {
    assert.ok(piece.length < 2 * chunk.length);
    total += piece.length;
  }
  assert.equal(total, email.size);
});

const words = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) =>
  text
    .replace(/[\p{C}\s=?]+/gu, ' ')
    .trim()
    .normalize('NFC'),
);
const address = fc.record({
  name: fc.option(words.filter((name) => name !== '')),
  email: fc
    .tuple(fc.stringMatching(/^[a-zé"\\ (),.;<>]{1,12}$/), fc.constantFrom('x.test', 'y.example'))
    .map(([local, host]) => ({ local, host })),
});

test('what is composed is read again', async () => {
  const value = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed().replace(/\r/g, ''));
  const property = fc.asyncProperty(
    fc.record({
      subject: words,
      to: fc.array(address, { maxLength: 4 }),
      text: value,
      html: value,
      name: words,
      octets: fc.uint8Array({ maxLength: 300 }),
    }),
    async ({ subject, to, text, html, name, octets }) => {
      const quoted = (local: string): string => (/^[a-zé]+(\.[a-zé]+)*$/.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`);
      const addresses = to.map(({ name, email: { local, host } }) => ({ name, email: `${quoted(local)}@${host}` }));
      const object = {
        ...BASE,
        subject,
        to: addresses,
        textBody: [{ partId: 't' }],
        htmlBody: [{ partId: 'h' }],
        bodyValues: { t: { value: text }, h: { value: html } },
        attachments: [{ blobId: 'x', name }],
      };
      const email = await composeEmail(object, { ...composing, blob: () => blobOf(Buffer.from(octets)) });
      const message = Buffer.concat(await Array.fromAsync(email.pieces));
      assert.equal(message.length, email.size);
      const { root, envelope, defects } = scan(message);
      assert.deepEqual(defects, []);
      assert.equal(headerText(envelope.subject ?? ''), subject);
      assert.deepEqual(emailAddresses(envelope.to ?? []), addresses);
      const [letter, file] = root.parts;
      const [plain, rich] = letter?.parts ?? [];
      assert.ok(plain !== undefined && rich !== undefined && file !== undefined);
      assert.equal(partText(message, plain).replaceAll('\r\n', '\n'), text);
      assert.equal(partText(message, rich).replaceAll('\r\n', '\n'), html);
      assert.deepEqual(partOctets(message, file), Buffer.from(octets));
      assert.equal(fileName(file), name === '' ? undefined : name);
    },
  );
  await fc.assert(property);
});

test('hostile: any JSON is refused or becomes one message with one header', async () => {
  const hostile = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('a\r\nBcc: e@x', '__proto__', '\0', [[]], { value: 'x' }));
  const names = fc.constantFrom(
    'subject',
    'to',
    'textBody',
    'bodyStructure',
    'bodyValues',
    'attachments',
    'header:X-a',
    'header:X-a:asURLs:all',
    'sentAt',
    'keywords',
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, hostile), async (some) => {
      try {
        const email = await composeEmail({ ...BASE, ...some }, composing);
        const message = Buffer.concat(await Array.fromAsync(email.pieces));
        assert.equal(scan(message).envelope.bcc, null);
        assert.equal(headerValues(message, 'MIME-Version').length, 1);
      } catch (error) {
        assert.ok(error instanceof SetFault, String(error));
      }
    }),
  );
});
