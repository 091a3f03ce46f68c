import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Envelope, MessageStructure, Part } from '../mime/structure.ts';
import { renderStructure } from './body-structure.ts';
import { renderEnvelope } from './envelope.ts';
import { chooseFields, cut, findPart, locate, type SectionText } from './section.ts';

const envelope: Envelope = {
  date: null,
  subject: null,
  from: null,
  sender: null,
  replyTo: null,
  to: null,
  cc: null,
  bcc: null,
  inReplyTo: null,
  messageId: null,
};
const leaf: Part = {
  headerStart: 0,
  bodyStart: 0,
  bodyEnd: 0,
  lines: 0,
  type: 'text',
  subtype: 'plain',
  parameters: {},
  id: null,
  description: null,
  encoding: '7bit',
  disposition: null,
  language: null,
  location: null,
  md5: null,
  parts: [],
  message: null,
};
const at = (headerStart: number, bodyStart: number, bodyEnd: number, more: Partial<Part> = {}): Part => ({
  ...leaf,
  headerStart,
  bodyStart,
  bodyEnd,
  ...more,
});
const multipart = (start: number, body: number, end: number, parts: readonly Part[]): Part =>
  at(start, body, end, { type: 'multipart', subtype: 'mixed', parts });
const attached = (start: number, body: number, end: number, root: Part): Part =>
  at(start, body, end, { type: 'message', subtype: 'rfc822', message: { envelope, root } });
const structure = (root: Part, size: number): MessageStructure => ({
  size,
  envelope,
  root,
  references: [],
  defects: [],
  receivedCount: 0,
  has8Bit: false,
});

/** The complex message of RFC 9051 §6.4.5.1, in small numbers. */
const complex = structure(
  multipart(0, 10, 1000, [
    at(20, 30, 40),
    at(50, 60, 70, { type: 'application', subtype: 'octet-stream' }),
    attached(80, 90, 200, multipart(90, 100, 200, [at(110, 120, 130), at(140, 150, 160)])),
    multipart(300, 310, 900, [
      at(320, 330, 340, { type: 'image', subtype: 'gif' }),
      attached(
        350,
        360,
        800,
        multipart(360, 370, 800, [at(380, 390, 400), multipart(410, 420, 700, [at(430, 440, 450), at(460, 470, 480)])]),
      ),
    ]),
  ]),
  1000,
);
const single = structure(at(0, 10, 50), 50);
const nested = structure(attached(0, 10, 100, attached(10, 20, 100, at(20, 30, 100))), 100);

const span = (message: MessageStructure, part: readonly number[], text: SectionText): string => {
  const found = locate(message, { part, text, fields: [] });
  return found === undefined ? 'none' : `${found.from}-${found.to}`;
};

describe('sections', () => {
  const table: readonly (readonly [string, MessageStructure, readonly number[], SectionText, string])[] = [
    ['[]', complex, [], 'all', '0-1000'],
    ['[HEADER]', complex, [], 'header', '0-10'],
    ['[TEXT]', complex, [], 'text', '10-1000'],
    ['[1]', complex, [1], 'all', '30-40'],
    ['[1.MIME]', complex, [1], 'mime', '20-30'],
    ['[1.HEADER]', complex, [1], 'header', 'none'],
    ['[3]', complex, [3], 'all', '90-200'],
    ['[3.HEADER]', complex, [3], 'header', '90-100'],
    ['[3.TEXT]', complex, [3], 'text', '100-200'],
    ['[3.1]', complex, [3, 1], 'all', '120-130'],
    ['[3.2]', complex, [3, 2], 'all', '150-160'],
    ['[4.1.MIME]', complex, [4, 1], 'mime', '320-330'],
    ['[4.2.HEADER]', complex, [4, 2], 'fields', '360-370'],
    ['[4.2.2.1]', complex, [4, 2, 2, 1], 'all', '440-450'],
    ['[4.2.2.2]', complex, [4, 2, 2, 2], 'all', '470-480'],
    ['[5]', complex, [5], 'all', 'none'],
    ['[1.1]', complex, [1, 1], 'all', 'none'],
    ['[1] of a single body', single, [1], 'all', '10-50'],
    ['[1.MIME] of a single body', single, [1], 'mime', '0-10'],
    ['[2] of a single body', single, [2], 'all', 'none'],
    ['[1.1] of a single body', single, [1, 1], 'all', 'none'],
    ['[1] of a lone attached message', nested, [1], 'all', '10-100'],
    ['[1.HEADER] of it', nested, [1], 'header', '10-20'],
    ['[1.1] of it', nested, [1, 1], 'all', '20-100'],
    ['[1.1.1] of it', nested, [1, 1, 1], 'all', '30-100'],
    ['[1.1.1.1] of it', nested, [1, 1, 1, 1], 'all', 'none'],
  ];
  for (const [name, message, part, text, expected] of table) it(name, () => assert.equal(span(message, part, text), expected));

  it('finds parts', () => {
    assert.equal(findPart(complex.root, [4, 1])?.subtype, 'gif');
    assert.equal(findPart(complex.root, []), complex.root);
  });

  it('cuts to a partial', () => {
    const whole = { from: 10, to: 50 };
    assert.deepEqual(cut(whole, undefined), whole);
    assert.deepEqual(cut(whole, { origin: 5, length: 10 }), { from: 15, to: 25 });
    assert.deepEqual(cut(whole, { origin: 30, length: 999 }), { from: 40, to: 50 });
    assert.deepEqual(cut(whole, { origin: 9999, length: 1 }), { from: 50, to: 50 });
  });

  it('chooses among header fields', () => {
    const header = Buffer.from('From: a\r\nSubject: one\r\n two\r\nX-A : b\r\nTo: c\r\n\r\n');
    const fields = (names: readonly string[], text: SectionText = 'fields'): string =>
      chooseFields(header, { part: [], text, fields: names }).toString();
    assert.equal(fields(['subject', 'to']), 'Subject: one\r\n two\r\nTo: c\r\n\r\n');
    assert.equal(fields(['x-a']), 'X-A : b\r\n\r\n');
    assert.equal(fields(['nope']), '\r\n');
    assert.equal(fields(['subject', 'x-a'], 'fieldsNot'), 'From: a\r\nTo: c\r\n\r\n');
    assert.equal(chooseFields(Buffer.from('From: a\nTo: b'), { part: [], text: 'fields', fields: ['to'] }).toString(), 'To: b');
  });
});

describe('what FETCH says of structure', () => {
  it('ENVELOPE', () => {
    const someone = { name: 'Terry "T" Gray', mailbox: 'gray', host: 'cac.example' };
    const group = [
      { name: null, mailbox: 'Friends', host: null },
      { name: null, mailbox: 'x', host: 'y' },
      { name: null, mailbox: null, host: null },
    ];
    const full: Envelope = {
      ...envelope,
      date: 'Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
      subject: 'Grüße',
      from: [someone],
      to: group,
      messageId: '<B@c>',
    };
    const gray = '(("Terry \\"T\\" Gray" NIL "gray" "cac.example"))';
    const friends = '((NIL NIL "Friends" NIL)(NIL NIL "x" "y")(NIL NIL NIL NIL))';
    assert.equal(
      renderEnvelope(full, true),
      `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "Grüße" ${gray} ${gray} ${gray} ${friends} NIL NIL NIL "<B@c>")`,
    );
    assert.match(renderEnvelope(full, false), /^\("Wed[^"]*" \{7\}\r\nGrüße \(\(/);
  });

  it('BODY and BODYSTRUCTURE', () => {
    const text = at(0, 0, 2279, { lines: 48, parameters: { charset: 'us-ascii' } });
    assert.equal(
      renderStructure(text, { isExtended: false, utf8: false }),
      '("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 2279 48)',
    );
    const file = at(0, 0, 9, {
      type: 'application',
      subtype: 'pdf',
      encoding: 'base64',
      id: '<i>',
      md5: 'm',
      disposition: { kind: 'attachment', parameters: { filename: 'a.pdf' } },
      language: ['nl', 'en'],
      location: 'x',
    });
    const whole = multipart(0, 0, 10, [text, file]);
    assert.equal(
      renderStructure(whole, { isExtended: true, utf8: false }),
      '(("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 2279 48 NIL NIL NIL NIL)' +
        '("APPLICATION" "PDF" NIL "<i>" NIL "BASE64" 9 "m" ("ATTACHMENT" ("filename" "a.pdf")) ("nl" "en") "x") "MIXED" NIL NIL NIL NIL)',
    );
    assert.equal(
      renderStructure(attached(0, 10, 40, text), { isExtended: false, utf8: false }),
      '("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 30 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 2279 48) 0)',
    );
  });
});
