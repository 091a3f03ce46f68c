import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasOneReading } from './one-reading.ts';

const CLEAR = [
  'noor@here.example',
  ' Noor <noor@here.example>\r\n',
  '"Noor, \\"de\\" V <x>" <noor@here.example>,\r\n\t=?utf-8?q?=3C?= <"a,b:(c"@here.example>',
  'noor@here.example (Noor (de (V)) \\) \\()',
  'Team: noor@here.example, sam@here.example;',
  'Ünal <ü@here.example>',
  'noor@[192.0.2.1]',
  'CORP\\scanner <noor@here.example>',
  '',
];

const UNCLEAR = [
  '<@ceo@bank.example:noor@here.example>',
  '<@bank.example:noor@here.example>',
  'noor@here.example (a (b) ceo@bank.example',
  'noor@here.example (a\\) ceo@bank.example',
  '<noor@here.example',
  'noor@here.example>',
  '<<noor@here.example>>',
  '<ceo@bank.example, <noor@here.example>',
  '<noor@here.example(ceo@bank.example)>',
  '"x <ceo@bank.example> <noor@here.example>',
  '"x\\" <noor@here.example>',
  'noor@here.example\0ceo@bank.example',
  '"\0" <noor@here.example>',
  '(\0) noor@here.example',
  '<no\\or@here.example>',
  '\\"<ceo@bank.example>" <noor@here.example>',
  'noor@here.example\r,ceo@bank.example',
  'noor@here.example\n,ceo@bank.example',
  `noor@here.example ${'('.repeat(101)}${')'.repeat(101)}`,
];

test('an address field that every mail program reads alike', () => {
  for (const text of CLEAR) assert.equal(hasOneReading(text), true, text);
});

test('SECURITY: an address field that some read otherwise', () => {
  for (const text of UNCLEAR) assert.equal(hasOneReading(text), false, text);
});

test('a long field of openings takes no time to speak of', () => {
  const begun = performance.now();
  for (const opening of ['(', '"', '<', '\\', '("']) hasOneReading(opening.repeat(250_000));
  assert.ok(performance.now() - begun < 500);
});
