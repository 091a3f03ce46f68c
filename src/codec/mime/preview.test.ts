import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compose } from './compose.ts';
import { htmlText } from './html-text.ts';
import { preview } from './preview.ts';
import { scan } from './scanner.ts';

const show = (text: string | Buffer, limit?: number): string => {
  const message = typeof text === 'string' ? Buffer.from(text) : text;
  return preview(message, scan(message), limit);
};

test('plain text on one line, without what was quoted', () => {
  assert.equal(show('\r\n  Hello\r\n\r\n> old\r\n  there  \r\n'), 'Hello there');
  assert.equal(show('\r\n> only\r\n> quotes\r\n'), '> only > quotes');
  assert.equal(show('\r\n'), '');
  assert.equal(show(`\r\n${'word '.repeat(100)}`).length, 200);
  assert.equal(show('\r\nabc😀', 4), 'abc');
  assert.equal(
    show('Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n'),
    'Grüße',
  );
});

test('text before HTML, text of the message before that of files', () => {
  const from = [{ name: null, mailbox: 'a', host: 'b' }];
  const both = compose({
    from,
    date: 0,
    body: {
      kind: 'multipart',
      subtype: 'alternative',
      parts: [
        { kind: 'text', subtype: 'html', text: '<p>html' },
        { kind: 'text', text: 'plain' },
      ],
    },
  });
  assert.equal(show(both), 'plain');
  const file = compose({
    from,
    date: 0,
    body: {
      kind: 'multipart',
      subtype: 'mixed',
      parts: [
        { kind: 'file', type: 'text/plain', bytes: Buffer.from('file'), name: 'a.txt' },
        { kind: 'text', subtype: 'html', text: '<p>html' },
      ],
    },
  });
  assert.equal(show(file), 'html');
  const none = compose({ from, date: 0, body: { kind: 'file', type: 'application/pdf', bytes: Buffer.from('%PDF') } });
  assert.equal(show(none), '');
});

test('newsletters that hide their first words', () => {
  assert.equal(
    show('Content-Type: text/html; charset=utf-8\r\n\r\n<div>Sale!&#847;&zwnj;&nbsp;&#8199;&#65279;\u200b\u034f \u00ad</div>'),
    'Sale!',
  );
  assert.equal(show('\r\n👨‍👩‍👧 family'), '👨‍👩‍👧 family');
});

const HTML: readonly (readonly [string, string])[] = [
  ['<p>One</p><p>Two</p>', 'One Two'],
  ['a<b>b</b>c', 'abc'],
  ['a<br>b<div>c</div>d', 'a b c d'],
  ['<head><title>T</title></head><body>x', 'x'],
  ['<style>p > a { }</style>x<script>if (a</b) "</script >"</script>y', 'x " y'],
  ['<script>never ended', ''],
  ['a<!-- <p>no</p> -->b', 'ab'],
  ['a<!-- never ended', 'a'],
  ['<a title="x > y" href=\'>\'>link</a>', 'link'],
  ['<a href="unclosed>text', 'text'],
  ["it's <b class=x>bold</b>", "it's bold"],
  ['1 < 2 & 3 > 2', '1 < 2 & 3 > 2'],
  ['&lt;b&gt; &amp;amp; &#65;&#x42; &eacute; &Uuml;&szlig; &euro;', '<b> &amp; AB é Üß €'],
  ['&nosuch; &#xFFFFFFF; &#0; &', '&nosuch; &'],
  ['<?xml version="1.0"?><!DOCTYPE html><p>x', 'x'],
  ['<o:p>&nbsp;</o:p>x', 'x'],
  ['x<', 'x<'],
];

test('the text of HTML', () => {
  for (const [html, text] of HTML) assert.equal(htmlText(html, 200), text, html);
  assert.equal(htmlText('<p>abc</p><p>def</p>', 5), 'abc d');
});

test('any HTML is read, and quickly', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'<>/!-&;#"\'= abp'), maxLength: 80 }),
      (html) => typeof htmlText(html, 100) === 'string',
    ),
    { numRuns: 500 },
  );
  for (const unit of ['<', '<a ', '<a b="', '<a b=\'"', '<!--', '</', '<script>', '</p', '&', '&#', '&amp', '<script></scrip', ' ']) {
    const start = performance.now();
    htmlText(unit.repeat(200_000), 1_000_000);
    assert.ok(performance.now() - start < 1_500, unit);
  }
});
