import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scan } from '../mime/scanner.ts';
import { type BlobId, blobIdText, blobPartIn, blobPartOf, partBlob, readBlobId } from './blob-id.ts';
import { isId } from './json.ts';

const PART = { from: 100, to: 2 ** 33, encoding: 'base64' } as const;
const BLOBS: readonly BlobId[] = [
  { of: 'email', number: 0 },
  { of: 'upload', number: Number.MAX_SAFE_INTEGER },
  { of: 'email', number: 77, part: PART },
  {
    of: 'upload',
    number: 5,
    part: { ...PART, part: { from: 0, to: 0, encoding: 'uuencode', part: { from: 1, to: 2, encoding: 'binary' } } },
  },
];
for (const blob of BLOBS)
  test(`a blob id is what it names again: ${blobIdText(blob)}`, () => {
    assert.ok(isId(blobIdText(blob)));
    assert.deepEqual(readBlobId(blobIdText(blob)), blob);
  });

const BAD = [
  '',
  'b',
  'e1',
  'b1_',
  'b1_0-1',
  'b1_0-1-x',
  'b1_00-1-n',
  'b1_5-4-n',
  'b1_0-vvvvvvvvv-n',
  'b1_-1-2-n',
  'b1_0-1-n_',
  'b1_0-1-N',
  'b01',
  'm1_0-1-n',
  'b1_0-1-n ',
  `b1${'_0-1-n'.repeat(9)}`,
  `b${'1'.repeat(300)}`,
  'b1__proto__',
];
for (const text of BAD) test(`no blob id: ${JSON.stringify(text).slice(0, 40)}`, () => assert.equal(readBlobId(text), undefined));

const MESSAGE = Buffer.from(
  [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Transfer-Encoding: base64',
    '',
    'YWJj',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    '',
    'inside',
    '--b--',
    '',
  ].join('\r\n'),
);

test('a part is one of the message, or nothing', () => {
  const structure = scan(MESSAGE);
  const [first, attached] = structure.root.parts;
  assert.ok(first !== undefined && attached?.message != null);
  assert.equal(blobPartIn(structure, blobPartOf(first)), first);
  assert.equal(blobPartIn(structure, blobPartOf(attached)), attached);
  const { from, to } = blobPartOf(first);
  assert.equal(blobPartIn(structure, { from, to, encoding: 'binary' }), undefined, 'another encoding');
  assert.equal(blobPartIn(structure, { from: from + 1, to, encoding: 'base64' }), undefined, 'another range');
  assert.equal(blobPartIn(structure, { from: 0, to: MESSAGE.length, encoding: 'binary' }), undefined, 'more than a part');
  assert.equal(blobPartIn(structure, blobPartOf(structure.root)), undefined, 'a multipart is no blob');
  assert.equal(
    blobPartIn(structure, blobPartOf(attached.message.root)),
    undefined,
    'what is inside an attached message is reached through it',
  );
});

test('parts of parsed blobs are steps, up to a bound', () => {
  const { root } = scan(MESSAGE);
  let blob: BlobId = { of: 'upload', number: 3 };
  for (let depth = 0; depth < 8; depth++) {
    const deeper: BlobId | undefined = partBlob(blob, root);
    assert.ok(deeper !== undefined);
    blob = deeper;
    assert.deepEqual(readBlobId(blobIdText(blob)), blob);
  }
  assert.equal(partBlob(blob, root), undefined);
});
