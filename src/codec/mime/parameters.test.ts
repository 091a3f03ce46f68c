import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeParameter } from './header-writing.ts';
import { PARAMETER_LIMIT } from './limits.ts';
import { parseContentType, parseDisposition, parseParameters } from './parameters.ts';

const TYPES: readonly (readonly [string, string | undefined, Record<string, string>])[] = [
  ['text/plain', 'text/plain', {}],
  ['TEXT/HTML; CHARSET=UTF-8', 'text/html', { charset: 'UTF-8' }],
  ['text/plain; charset=us-ascii (Plain text)', 'text/plain', { charset: 'us-ascii' }],
  ['(comment) text/plain (another); charset="utf-8"', 'text/plain', { charset: 'utf-8' }],
  ['text / plain ; charset = "utf-8" ; x=y', 'text/plain', { charset: 'utf-8', x: 'y' }],
  ['text/plain charset=us-ascii', 'text/plain', { charset: 'us-ascii' }],
  ['text/plain;; ;charset=utf-8;', 'text/plain', { charset: 'utf-8' }],
  ['text/plain; charset="utf-8" format=flowed', 'text/plain', { charset: 'utf-8', format: 'flowed' }],
  ['text/plain; charset=utf-8 format=flowed', 'text/plain', { charset: 'utf-8', format: 'flowed' }],
  ['multipart/mixed; boundary="a;b\\"c"', 'multipart/mixed', { boundary: 'a;b"c' }],
  ['multipart/mixed; boundary="unclosed', 'multipart/mixed', { boundary: 'unclosed' }],
  ['multipart/mixed; boundary*0=ab; boundary*1=cd', 'multipart/mixed', { boundary: 'abcd' }],
  ['multipart/mixed; boundary="=?utf-8?Q?x?="', 'multipart/mixed', { boundary: '=?utf-8?Q?x?=' }],
  ['application/pdf; name=my file.pdf', 'application/pdf', { name: 'my file.pdf' }],
  ['application/pdf; name=file(1).pdf', 'application/pdf', { name: 'file(1).pdf' }],
  ['application/pdf; name="=?utf-8?B?R3LDvMOfZS5wZGY=?="', 'application/pdf', { name: 'Grüße.pdf' }],
  ['application/pdf; name="Grüße.pdf"', 'application/pdf', { name: 'Grüße.pdf' }],
  ["application/pdf; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf; name=Gr.pdf", 'application/pdf', { name: 'Grüße.pdf' }],
  ["application/pdf; name*0*=utf-8'de'Gr%C3; name*1*=%BC%C3%9F; name*2=e.pdf", 'application/pdf', { name: 'Grüße.pdf' }],
  ['application/pdf; name*=Gr%C3%BC.pdf', 'application/pdf', { name: 'Grü.pdf' }],
  ["a/b; name*=nonsense''%FC", 'a/b', { name: 'ü' }],
  ["a/b; name*=utf-8''a%0D%0Ab%00c", 'a/b', { name: 'a  b c' }],
  ['a/b; name*0="=?utf-8?Q?Gr=C3"; name*1="=BC?="', 'a/b', { name: 'Grü' }],
  ['a/b; name*1=x', 'a/b', {}],
  ['a/b; name*1=x; name=y', 'a/b', { name: 'y' }],
  ['a/b; x=1; X=2; x*=3', 'a/b', { x: '3' }],
  ['a/b; __proto__=x; constructor=y', 'a/b', { constructor: 'y' }],
  ['a/b; =x; y', 'a/b', {}],
  ['text', undefined, {}],
  ['', undefined, {}],
  ['/plain', undefined, {}],
  ['text/', undefined, {}],
  ['te xt/plain', undefined, {}],
  ['text/pl@in', undefined, {}],
];

test('content types as standards and mailers write them', () => {
  for (const [text, type, parameters] of TYPES) {
    const found = parseContentType(text);
    assert.equal(found && `${found.type}/${found.subtype}`, type, text);
    assert.deepEqual({ ...found?.parameters }, parameters, text);
  }
});

test('dispositions', () => {
  assert.deepEqual(parseDisposition('ATTACHMENT; Filename="a.txt"'), { kind: 'attachment', parameters: { filename: 'a.txt' } });
  assert.deepEqual(parseDisposition('inline'), { kind: 'inline', parameters: {} });
  assert.deepEqual(parseDisposition('"attachment"; filename=a.txt'), { kind: 'attachment', parameters: { filename: 'a.txt' } });
  assert.deepEqual(parseDisposition('filename="a.txt"'), { kind: 'attachment', parameters: { filename: 'a.txt' } });
  assert.equal(parseDisposition('; filename=a'), undefined);
  assert.equal(parseDisposition(''), undefined);
});

test('parameters past the bound are left out', () => {
  const many = Array.from({ length: PARAMETER_LIMIT + 5 }, (_, index) => `p${index}=v`).join(';');
  assert.equal(Object.keys(parseParameters(many, 0)).length, PARAMETER_LIMIT);
});

test('what is written is read back', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 120 }).map((text) => text.replace(/\p{C}/gu, ''));
  fc.assert(
    fc.property(value, (value) =>
      assert.equal(parseParameters(writeParameter('filename', value).replaceAll(/=\?/g, '=?'), 0)['filename'], value),
    ),
  );
  assert.equal(writeParameter('name', 'plain.txt'), '; name=plain.txt');
  assert.equal(writeParameter('name', 'a "b".txt'), '; name="a \\"b\\".txt"');
  assert.equal(writeParameter('name', 'ü'), "; name*=utf-8''%C3%BC");
  assert.match(writeParameter('filename', 'ü'.repeat(30)), /^; filename\*0\*=utf-8''(?:%C3%BC)+; filename\*1\*=/);
});
