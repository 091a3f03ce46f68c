import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JSON_DEPTH_LIMIT, readIJson } from './i-json.ts';

const read = (text: string) => readIJson(Buffer.from(text));

test('any JSON value comes back as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      if (!text.isWellFormed()) return;
      const answer = read(text);
      // JSON.stringify writes half a surrogate pair as an escape, which I-JSON forbids.
      if (/\\ud[89a-f]/i.test(text)) return;
      assert.deepEqual(answer, { ok: true, value: JSON.parse(text) });
    }),
  );
});

const FAULTS: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['no JSON', '{"a":', /not JSON/],
  ['nothing', '', /not JSON/],
  ['a name twice', '{"a":1,"b":{"c":1},"a":2}', /twice/],
  ['a name twice, one of them escaped', '{"a":1,"\\u0061":2}', /twice/],
  ['half a surrogate pair in a value', '{"a":"\\ud800"}', /surrogate/],
  ['half a surrogate pair in a name', '{"\\udc00":1}', /surrogate/],
  ['octets that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /UTF-8/],
  ['too many levels', '['.repeat(JSON_DEPTH_LIMIT + 1) + ']'.repeat(JSON_DEPTH_LIMIT + 1), /levels/],
  ['an endless opening', '{"a":'.repeat(100_000), /levels/],
  ['an open string', '{"a\\', /not JSON/],
];

for (const [name, body, why] of FAULTS)
  test(`refused: ${name}`, () => {
    const answer = readIJson(typeof body === 'string' ? Buffer.from(body) : body);
    assert.ok(!answer.ok && why.test(answer.why), JSON.stringify(answer));
  });

test('the same name in two objects, and in strings, is no repetition', () => {
  const text = '[{"a":"\\"a\\":1"},{"a":{"a":[{"a":1},{"a":2}]}},"a","a"]';
  assert.deepEqual(read(text), { ok: true, value: JSON.parse(text) });
});
