import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spellings } from './spellings.ts';

const A = 'u@xn--bcher-kva.test';
const U = 'u@bücher.test';

for (const [what, word, others] of [
  ['a U-label', U, [A]],
  ['an A-label', A, [U]],
  ['a domain alone', 'bücher.test', ['xn--bcher-kva.test']],
  ['a label alone', 'bücher', ['xn--bcher-kva']],
  ['an A-label alone', 'xn--bcher-kva', ['bücher']],
  ['several labels', 'a@müller.bücher.test', ['a@xn--mller-kva.xn--bcher-kva.test']],
  ['both forms in one name', 'müller.xn--bcher-kva.test', ['xn--mller-kva.xn--bcher-kva.test', 'müller.bücher.test']],
  ['ß has a label of its own', 'straße.test', ['xn--strae-oqa.test']],
  ['ideographic dots', 'u@bücher。test', [A, U]],
  ['a compatibility form', 'ｂücher.test', ['xn--bcher-kva.test', 'bücher.test']],
  ['a name among words and signs', 'to:<u@bücher.test>, für mich', ['to:<u@xn--bcher-kva.test>, für mich']],
  ['what stands before the @ stays', 'bücher@bücher.test', ['bücher@xn--bcher-kva.test']],
  ['words without a dot stay', 'über die vergadering', []],
  ['ASCII', 'u@example.test', []],
  ['an A-label that is none', 'u@xn--zzzzzz99999.test', []],
  ['what cannot be a label', '-ü-.test', []],
  ['no word at all', '', []],
  ['signs', '550 5.1.1 <>', []],
] as const) {
  test(`a search word has the spellings of its domain: ${what}`, () => {
    assert.deepEqual(spellings(word), [word, ...others]);
  });
}

test('a hostile word has three spellings at most, and costs little', () => {
  const started = performance.now();
  for (const word of [
    'ü.'.repeat(499),
    'xn--'.repeat(249),
    'xn--a-ü.'.repeat(120),
    '@'.repeat(998),
    `${'ü'.repeat(62)}.`.repeat(15),
    'ü '.repeat(499),
  ])
    assert.ok(spellings(word).length <= 3);
  assert.ok(performance.now() - started < 500);
});
