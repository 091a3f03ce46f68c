import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBodyProperty, isEmailProperty } from './email-property.ts';

const GOOD = [
  'id',
  'bodyStructure',
  'headers',
  'sentAt',
  'header:X',
  'header:X:all',
  'header:Subject:asText',
  'header:SUBJECT:asRaw:all',
  'header:From:asAddresses:all',
  'header:Resent-Bcc:asGroupedAddresses',
  'header:References:asMessageIds',
  'header:Date:asDate',
  'header:List-POST:asURLs',
  'header:List-Id:asText',
  'header:X-Own:asDate',
  'header:Received',
];
for (const name of GOOD) test(`a property: ${name}`, () => assert.ok(isEmailProperty(name)));

const BAD = [
  '',
  'constructor',
  '__proto__',
  'ID',
  'partId',
  'header:',
  'header::all',
  'header:X:',
  'header:X:all:asText',
  'header:X:asText:all:all',
  'header:X:astext',
  'header:X:as',
  'header:X:All',
  'header:From:asDate',
  'header:From:asText',
  'header:Subject:asAddresses',
  'header:Date:asMessageIds',
  'header:Message-ID:asURLs',
  'header:List-Post:asText',
  'header:Received:asText',
  'header:Return-Path:asAddresses',
  'header:a b',
  'header:é',
  `header:${'x'.repeat(2_000)}`,
];
for (const name of BAD) test(`no property: ${JSON.stringify(name).slice(0, 40)}`, () => assert.ok(!isEmailProperty(name)));

test('a part has properties of its own', () => {
  for (const name of ['partId', 'subParts', 'headers', 'header:Content-Type:asText']) assert.ok(isBodyProperty(name), name);
  for (const name of ['subject', 'bodyStructure', 'header:Date:asText']) assert.ok(!isBodyProperty(name), name);
});
