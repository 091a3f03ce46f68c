import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transcript } from './transcript.ts';

test('lines are marked by who said them; a reply of several lines is several lines', () => {
  const transcript = new Transcript();
  transcript.client('EHLO there');
  transcript.server('250-here\r\n250 PIPELINING');
  transcript.note('TLSv1.3');
  assert.deepEqual(transcript.lines(), ['C: EHLO there', 'S: 250-here', 'S: 250 PIPELINING', '* TLSv1.3']);
});

test('the beginning and the end are kept, and it is said how much is missing', () => {
  const transcript = new Transcript();
  for (let n = 0; n < 1_000; n++) transcript.client(String(n));
  const lines = transcript.lines();
  assert.equal(lines.length, 121);
  assert.equal(lines[0], 'C: 0');
  assert.equal(lines[60], '* … 880 left out …');
  assert.equal(lines.at(-1), 'C: 999');
  assert.equal(lines[61], 'C: 940');
});

test('a line is cut, and clear() forgets', () => {
  const transcript = new Transcript();
  transcript.client('x'.repeat(10_000));
  assert.equal(transcript.lines()[0]?.length, 3 + 2_048 + 1);
  transcript.clear();
  assert.deepEqual(transcript.lines(), []);
});
