import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { marked, SNIPPET_OCTETS, snippet, wordRanges } from './marked-text.ts';

const mark = (text: string, ...words: string[]): string => marked(text, wordRanges(text, words));

test('words are marked as the search finds them', () => {
  assert.equal(mark('The Foosball competition', 'foo'), 'The <mark>Foo</mark>sball competition');
  assert.equal(mark('Zoë en zoe', 'zoe'), '<mark>Zoë</mark> en <mark>zoe</mark>');
  assert.equal(mark('Zoë en zoe', 'zoë'), '<mark>Zoë</mark> en zoe');
  assert.equal(mark('Straße', 'strasse'), '<mark>Straße</mark>');
  assert.equal(mark('aaaa', 'aa'), '<mark>aa</mark><mark>aa</mark>');
  assert.equal(mark('abcd', 'abc', 'bcd'), '<mark>abcd</mark>');
  assert.equal(mark('nothing', 'x'), 'nothing');
});

test('SECURITY: nothing in the text can become markup', () => {
  assert.equal(mark('<script>"a" & \'b\'', 'script'), '&lt;<mark>script</mark>&gt;&quot;a&quot; &amp; &#39;b&#39;');
});

test('a snippet is cut around the first mark, never too long, never in a character or an entity', () => {
  const long = `${'before '.repeat(100)}needle${' after'.repeat(100)}`;
  const shown = snippet(long, ['needle']) ?? '';
  assert.match(shown, /^…(?:before )+<mark>needle<\/mark>(?: after)+/);
  assert.equal(snippet('nothing here', ['needle']), null);
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
      (text, word) => {
        const found = snippet(`${text}${word}${text}`.toWellFormed(), [word.toWellFormed()]);
        if (found === null) return;
        assert.ok(Buffer.byteLength(found) <= SNIPPET_OCTETS);
        assert.ok(found.isWellFormed());
        assert.ok(!/<(?!\/?mark>)/.test(found));
      },
    ),
  );
});

test('a text of a megabyte full of the word is marked in bounds', () => {
  assert.ok(wordRanges('ab'.repeat(500_000), ['ab']).length <= 100);
});
