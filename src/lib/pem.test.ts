import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pemBlocks } from './pem.ts';

test('blocks are found whatever stands around them', () => {
  const one = '-----BEGIN A B-----\nMII=\n-----END A B-----\n';
  const two = '-----BEGIN C-----\nabc\ndef\n-----END C-----\n';
  const expected = [
    { label: 'A B', text: one },
    { label: 'C', text: two },
  ];
  assert.deepEqual(pemBlocks(one + two), expected);
  assert.deepEqual(pemBlocks(`# a comment\n${one}\n\nsubject=x\n${two}the end`), expected);
  assert.deepEqual(pemBlocks((one + two).replaceAll('\n', ' \r\n')), expected);
  assert.deepEqual(pemBlocks((one + two).trimEnd()), expected);
});

test('what is no whole block is none', () => {
  for (const text of [
    '',
    '0\u0082\u0001',
    '-----BEGIN A-----\nMII=\n',
    '-----BEGIN A-----\nMII=\n-----END B-----\n',
    'MII=\n-----END A-----\n',
  ])
    assert.deepEqual(pemBlocks(text), [], JSON.stringify(text));
  // A block begun within another: the outer one was cut off.
  assert.deepEqual(
    pemBlocks('-----BEGIN A-----\nxx\n-----BEGIN B-----\nyy\n-----END B-----\n-----END A-----\n').map(({ label }) => label),
    ['B'],
  );
});
