import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeText } from './content.ts';
import { readMessage } from './read.ts';
import { leaves, sections } from './structure.ts';

const TESTDATA = new URL('./testdata/', import.meta.url).pathname;
const report = (name: string): ReturnType<typeof readMessage> => readMessage(readFileSync(`${TESTDATA}${name}.eml`));

test('the whole reading of a letter', () => {
  const { headers, readable, parts, preview, tree } = report('alternative-mixed');
  assert.deepEqual(
    headers.map(({ name }) => name),
    ['From', 'To', 'Subject', 'MIME-Version', 'Content-Type'],
  );
  assert.equal(headers[2]?.text, 'Report für Mai');
  assert.equal(readable.subject, 'Report für Mai');
  assert.deepEqual(
    parts.map(({ path, type, fileName }) => [path, type, fileName]),
    [
      ['', 'multipart/mixed', null],
      ['1', 'multipart/alternative', null],
      ['1.1', 'text/plain', null],
      ['1.2', 'text/html', null],
      ['2', 'application/pdf', 'Bürgerbüro.pdf'],
    ],
  );
  assert.equal(parts[2]?.text, 'Grüße\r\n');
  assert.deepEqual([parts[4]?.decodedSize, parts[4]?.sha256?.length], [9, 64]);
  assert.equal(preview, 'Grüße');
  assert.equal(tree.parts.length, 2);
});

test('sections have the numbers IMAP gives them', () => {
  const paths = (name: string): string[] => report(name).parts.map(({ path, type }) => `${path} ${type}`);
  assert.deepEqual(paths('plain'), ['1 text/plain']);
  assert.deepEqual(paths('delivery-report'), [
    ' multipart/report',
    '1 text/plain',
    '2 message/delivery-status',
    '3 message/rfc822',
    '3.1 text/html',
  ]);
  assert.deepEqual(paths('digest').slice(4), ['3 message/rfc822', '3.1 text/plain']);
  assert.deepEqual(paths('message-in-message'), ['1 message/rfc822', '1.1 message/global', '1.1.1 text/plain']);
  const { tree } = report('delivery-report');
  assert.deepEqual([leaves(tree).length, sections(tree).length], [3, 5]);
});

test('every family is JSON', () => {
  for (const path of globSync(`${TESTDATA}*.eml`)) {
    const value = readMessage(readFileSync(path));
    assert.deepEqual(JSON.parse(JSON.stringify(value)), value);
  }
});

test('dates and groups for people', () => {
  const { readable } = report('addresses');
  assert.equal(readable.date, '1969-02-14T03:02:00.000Z');
  assert.deepEqual(readable.to, [
    {
      group: 'A Group',
      members: [
        { name: 'Chris Jones', mailbox: 'c', host: 'public.example' },
        { name: null, mailbox: 'joe', host: 'example.org' },
        { name: 'John', mailbox: 'jdoe', host: 'one.test' },
      ],
    },
  ]);
  assert.deepEqual(readable.cc, [{ group: 'Hidden recipients', members: [] }]);
  const mixed = readMessage(Buffer.from('To: x@y, =?utf-8?q?Caf=C3=A9?=: a@b;, root, Open: c@d\r\n\r\n')).readable.to;
  assert.deepEqual(mixed, [
    { name: null, mailbox: 'x', host: 'y' },
    { group: 'Café', members: [{ name: null, mailbox: 'a', host: 'b' }] },
    { name: null, mailbox: 'root', host: '' },
    { group: 'Open', members: [{ name: null, mailbox: 'c', host: 'd' }] },
  ]);
});

test('text by encoding and charset', () => {
  assert.equal(decodeText(Buffer.from('Gr=FC=DFe'), 'quoted-printable', 'iso-8859-1'), 'Grüße');
  assert.equal(decodeText(Buffer.from('R3LDvMOfZQ=='), 'base64'), 'Grüße');
});
