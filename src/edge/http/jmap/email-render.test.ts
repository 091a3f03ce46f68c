import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobPartIn, readBlobId } from '../../../codec/jmap/blob-id.ts';
import { MethodError } from '../../../codec/jmap/error.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { encodeBase64 } from '../../../codec/mime/transfer-encoding.ts';
import { emailAsk } from './email-ask.ts';
import { type EmailFacts, renderEmail } from './email-render.ts';
import { EmailReader, type EmailSource, sourceOf } from './email-source.ts';

const FACTS: EmailFacts = {
  id: 'e1',
  blob: { of: 'email', number: 1 },
  threadId: 't1',
  mailboxIds: { m1: true },
  keywords: { $seen: true },
  receivedAt: 0,
};
const NOBODY: EmailFacts = { ...FACTS, id: null, threadId: null, mailboxIds: null, keywords: null, receivedAt: null };

const LETTER = [
  'From: =?utf-8?q?Ren=C3=A9?= <rene@school.test>',
  'To: all:;',
  'Subject: Hallo',
  'Date: Tue, 10 Jul 2018 11:03:11 +1000',
  'Message-ID: <1@school.test>',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Gr\u00fc\u00dfe <b>aus</b></p>',
  '--b',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Transfer-Encoding: base64',
  'Content-ID: <c@id> (x)',
  '',
  'YWJjZA==',
  '--b--',
  '',
].join('\r\n');

/** Counts the octets that were read. */
function counted(octets: Buffer): EmailSource & { octets: number } {
  const source = sourceOf(octets);
  const counting = {
    ...source,
    octets: 0,
    async read(from: number, to: number) {
      const read = await source.read(from, to);
      counting.octets += read.length;
      return read;
    },
  };
  return counting;
}

const rendered = (text: string | Buffer, args: JsonObject, facts = FACTS) =>
  renderEmail(sourceOf(Buffer.from(text as string)), emailAsk(args, facts === NOBODY ? 'parse' : 'get'), facts);

test('by default an Email is what RFC 8621 §4.2 says', async () => {
  const email = await rendered(LETTER, { fetchHTMLBodyValues: true });
  const html = {
    partId: '1',
    name: null,
    type: 'text/html',
    charset: 'utf-8',
    disposition: null,
    cid: null,
    language: null,
    location: null,
  };
  const blobOf = (list: unknown): string => (list as { blobId: string }[])[0]?.blobId ?? '';
  const { textBody, htmlBody, attachments, ...rest } = email;
  assert.deepEqual(textBody, [{ ...html, size: 25, blobId: blobOf(textBody) }]);
  assert.deepEqual(htmlBody, textBody);
  const pdf = { ...html, partId: '2', name: 'a.pdf', type: 'application/pdf', charset: null, cid: 'c@id', size: 4 };
  assert.deepEqual(attachments, [{ ...pdf, blobId: blobOf(attachments) }]);
  assert.deepEqual(rest, {
    id: 'e1',
    blobId: 'b1',
    threadId: 't1',
    mailboxIds: { m1: true },
    keywords: { $seen: true },
    size: Buffer.byteLength(LETTER),
    receivedAt: '1970-01-01T00:00:00Z',
    messageId: ['1@school.test'],
    inReplyTo: null,
    references: null,
    sender: null,
    from: [{ name: 'René', email: 'rene@school.test' }],
    to: [],
    cc: null,
    bcc: null,
    replyTo: null,
    subject: 'Hallo',
    sentAt: '2018-07-10T11:03:11+10:00',
    hasAttachment: true,
    preview: 'Grüße aus',
    bodyValues: { 1: { value: '<p>Grüße <b>aus</b></p>', isEncodingProblem: false, isTruncated: false } },
  });
});

test('the blob of a part is a part of its message', async () => {
  const { attachments } = await rendered(LETTER, {});
  const blob = readBlobId((attachments as { blobId: string }[])[0]?.blobId ?? '');
  assert.ok(blob?.part !== undefined);
  assert.equal(blobPartIn(sourceOf(Buffer.from(LETTER)).structure, blob.part)?.subtype, 'pdf');
});

test('Email/parse has no metadata, and no id unless asked', async () => {
  assert.ok(!('id' in (await rendered(LETTER, {}, NOBODY))));
  const properties = ['id', 'threadId', 'mailboxIds', 'keywords', 'receivedAt', 'blobId', 'header:SUBJECT'];
  const nothing = {
    id: null,
    threadId: null,
    mailboxIds: null,
    keywords: null,
    receivedAt: null,
    blobId: 'b1',
    'header:SUBJECT': ' Hallo',
  };
  assert.deepEqual(await rendered(LETTER, { properties }, NOBODY), nothing);
});

test('the structure of a body has its parts, whatever is asked of them', async () => {
  const email = await rendered(LETTER, {
    properties: ['bodyStructure'],
    bodyProperties: ['partId', 'blobId', 'subParts', 'header:Content-ID'],
  });
  const { bodyStructure } = email as { bodyStructure: { partId: null; blobId: null; subParts: JsonObject[] } };
  assert.deepEqual([bodyStructure.partId, bodyStructure.blobId], [null, null]);
  assert.deepEqual(
    bodyStructure.subParts.map((part) => [part['partId'], part['subParts'], part['header:Content-ID']]),
    [
      ['1', null, null],
      ['2', null, ' <c@id> (x)'],
    ],
  );
});

test('of fields that came twice the last counts, also where the structure keeps the first', async () => {
  const twice = 'Subject: a\r\nSubject: b\r\nTo: a@b\r\nTo: c@d\r\n\r\n';
  const email = await rendered(twice, { properties: ['subject', 'to', 'header:To:asAddresses:all'] });
  const [first, last] = [[{ name: null, email: 'a@b' }], [{ name: null, email: 'c@d' }]];
  assert.deepEqual(email, { id: 'e1', subject: 'b', to: last, 'header:To:asAddresses:all': [first, last] });
});

test('only what is wanted is read', async () => {
  const body = encodeBase64(Buffer.alloc(3_000_000, 7));
  const big = Buffer.from(LETTER.replace('YWJjZA==\r\n', body));
  const cost = async (args: JsonObject): Promise<number> => {
    const source = counted(big);
    await renderEmail(source, emailAsk(args, 'get'), FACTS);
    return source.octets;
  };
  const listed = ['id', 'blobId', 'from', 'to', 'subject', 'sentAt', 'size', 'receivedAt', 'hasAttachment'];
  assert.equal(await cost({ properties: listed }), 0);
  assert.equal(await cost({ properties: ['header:X'] }), LETTER.indexOf('\r\n\r\n') + 4);
  assert.ok((await cost({ fetchAllBodyValues: true })) < 5_000);
  const source = counted(big);
  const [, pdf] = source.structure.root.parts;
  assert.equal(pdf === undefined ? 0 : await new EmailReader(source).size(pdf), 3_000_000);
  assert.ok(source.octets < 5_000);
});

test('the size of base64 that no encoder wrote is found by reading it', async () => {
  const odd = `${encodeBase64(Buffer.alloc(90_000, 7))}\r\n!${encodeBase64(Buffer.alloc(60_001, 7))}`;
  const { root } = sourceOf(Buffer.from(LETTER.replace('YWJjZA==\r\n', odd))).structure;
  const [, part] = root.parts;
  assert.ok(part !== undefined);
  assert.equal(await new EmailReader(sourceOf(Buffer.from(LETTER.replace('YWJjZA==\r\n', odd)))).size(part), 150_001);
});

test('values are cut where asked, and where a call has no room left', async () => {
  const value = async (args: JsonObject, left?: number) => {
    const ask = emailAsk({ ...args, fetchTextBodyValues: true, properties: ['bodyValues'] }, 'get');
    if (left !== undefined) ask.room.left = left;
    const { bodyValues } = await renderEmail(sourceOf(Buffer.from(LETTER)), ask, FACTS);
    return (bodyValues as Record<string, unknown>)['1'];
  };
  const cut = (text: string) => ({ value: text, isEncodingProblem: false, isTruncated: true });
  assert.deepEqual(await value({ maxBodyValueBytes: 6 }), cut('<p>Gr'));
  assert.deepEqual(await value({ maxBodyValueBytes: 13 }), cut('<p>Grüße '));
  assert.deepEqual(await value({}, 3), cut('<p>'));
  assert.deepEqual(await value({}, 0), cut(''));
});

const BAD: readonly JsonObject[] = [
  { properties: ['header:From:asDate'] },
  { properties: ['nothing'] },
  { properties: 'subject' },
  { bodyProperties: ['subject'] },
  { bodyProperties: ['header:Date:asText'] },
  { maxBodyValueBytes: -1 },
  { maxBodyValueBytes: 1.5 },
  { fetchAllBodyValues: 'yes' },
];
for (const args of BAD)
  test(`invalidArguments: ${JSON.stringify(args)}`, () =>
    assert.throws(
      () => emailAsk(args, 'get'),
      (error) => error instanceof MethodError && error.type === 'invalidArguments',
    ));

test('too many properties are refused', () => {
  const properties = Array.from({ length: 501 }, (_, at) => `header:X${at}`);
  assert.throws(
    () => emailAsk({ properties }, 'get'),
    (error) => error instanceof MethodError && error.type === 'requestTooLarge',
  );
});

const NOISE = [
  '',
  '\0',
  '\r\n',
  'Date: x\r\nFrom: \xff\xfe<\r\nContent-Type: multipart/x; boundary=\r\n\r\n--',
  `${'Content-Type: message/rfc822\r\n\r\n'.repeat(200)}`,
  `To: ${'a@b, '.repeat(10_000)}\r\n\r\n`,
  'Content-Type: text/plain; charset=utf-7\r\nContent-Transfer-Encoding: uuencode\r\nContent-Language: ,\r\nContent-ID: ><\r\n\r\nbegin 644 x\r\n_\r\nend',
];
for (const text of NOISE)
  test(`anything at all is an Email of JSON: ${JSON.stringify(text).slice(0, 50)}`, async () => {
    const properties = [
      'headers',
      'bodyStructure',
      'bodyValues',
      'textBody',
      'preview',
      'subject',
      'from',
      'to',
      'sentAt',
      'header:Date:asDate',
    ];
    const bodyProperties = ['partId', 'size', 'headers', 'cid', 'language', 'charset', 'name', 'blobId'];
    const email = await rendered(Buffer.from(text, 'latin1'), { properties, bodyProperties, fetchAllBodyValues: true });
    assert.ok(!/\\ud[89ab]/i.test(JSON.stringify(email)));
  });
