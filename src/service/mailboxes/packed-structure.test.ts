import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scan } from '../../codec/mime/scanner.ts';
import type { MessageStructure } from '../../codec/mime/structure.ts';
import { type PackedStructure, packStructure, unpackStructure } from './packed-structure.ts';

const TESTDATA = join(import.meta.dirname, '../../codec/mime/testdata');
const throughJson = (structure: MessageStructure): MessageStructure => {
  const packed: PackedStructure = JSON.parse(JSON.stringify(packStructure(structure)));
  return unpackStructure(packed);
};

test('every kind of message comes back as it was', () => {
  const files = globSync('*.eml', { cwd: TESTDATA });
  assert.ok(files.length > 10);
  for (const file of files) {
    const structure = scan(readFileSync(join(TESTDATA, file)));
    assert.deepEqual(throughJson(structure), JSON.parse(JSON.stringify(structure)), file);
  }
});

test('every field comes back, odd names included', () => {
  const head = [
    'From: a@b',
    'Sender: s@b',
    'Reply-To: r@b',
    'To: ',
    'Cc: G: x@y;',
    'Bcc: b@b',
    'Date: today',
    'Subject: ',
    'Message-ID: <m@b>',
    'In-Reply-To: <i@b>',
    'References: <r@b> <q@b>',
  ];
  const part = [
    'Content-Type: text/plain; __proto__=1; constructor=2; charset=x',
    'Content-ID: <c@b>',
    'Content-Description: words',
    'Content-Disposition: attachment; filename="a b"',
    'Content-Language: nl, en',
    'Content-Location: http://x/',
    'Content-MD5: abc==',
  ];
  const structure = scan(Buffer.from(`${[...head, ...part].join('\r\n')}\r\n\r\nbody\0\n`));
  assert.deepEqual(JSON.stringify(throughJson(structure)), JSON.stringify(structure));
});

test('it is well shorter than plain JSON', () => {
  const structure = scan(Buffer.from('From: A <a@b>\r\nTo: c@d\r\nSubject: hello\r\nMessage-ID: <x@y>\r\n\r\nhi\r\n'));
  assert.ok(JSON.stringify(packStructure(structure)).length * 2 < JSON.stringify(structure).length);
});
