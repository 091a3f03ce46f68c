import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { Base64Lines, base64Length } from './base64-lines.ts';
import { type LineFacts, LineSurvey, WholeLineEnds } from './line-survey.ts';
import { encodeBase64 } from './transfer-encoding.ts';

function survey(...chunks: readonly string[]): LineFacts {
  const lines = new LineSurvey();
  for (const chunk of chunks) lines.push(Buffer.from(chunk, 'latin1'));
  return lines.facts();
}

test('lines are told as they are', () => {
  const plain = { isAscii: true, hasNul: false, longest: 2, bareFeeds: 0, bareReturns: 0, endsLine: true };
  assert.deepEqual(survey('ab\r', '\nc\r\n'), plain);
  assert.deepEqual(survey('a\nbcd'), { ...plain, longest: 3, bareFeeds: 1, endsLine: false });
  assert.equal(survey('a\rb\r').bareReturns, 2);
  assert.equal(survey('\0').hasNul, true);
  assert.equal(survey('\xe9\r\n').isAscii, false);
  assert.equal(survey().endsLine, true);
});

const chunks = fc.array(fc.array(fc.constantFrom(0x0a, 0x0d, 0x41, 0xff), { maxLength: 80 }).map(Buffer.from), { maxLength: 8 });

test('any pieces give what the whole gives', () => {
  fc.assert(
    fc.property(chunks, (pieces) => {
      const whole = Buffer.concat(pieces);
      const [lines, ends, base64] = [new LineSurvey(), new WholeLineEnds(), new Base64Lines()];
      for (const piece of pieces) lines.push(piece);
      const facts = lines.facts();
      assert.deepEqual(facts, survey(whole.toString('latin1')));
      const mended = Buffer.concat(pieces.map((piece) => ends.push(piece)));
      assert.equal(mended.toString('latin1'), whole.toString('latin1').replace(/\r?\n/g, '\r\n'));
      assert.equal(mended.length, whole.length + facts.bareFeeds);
      const encoded = Buffer.concat([...pieces.map((piece) => base64.push(piece)), base64.end()]).toString('latin1');
      assert.equal(encoded, encodeBase64(whole));
      assert.equal(encoded.length, base64Length(whole.length));
    }),
  );
});
