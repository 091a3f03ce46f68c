import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainToASCII } from 'node:url';
import { domainToUnicode, isAtOrBelow, parentOf, parseDomain } from './domain.ts';
import { decodePunycode, encodePunycode, labelToAscii } from './idna.ts';

/** RFC 3492 §7.1, plus names met in the wild. */
const PUNYCODE: readonly [string, string][] = [
  ['ليهمابتكلموشعربي؟', 'egbpdaj6bu4bxfgehfvwxn'],
  ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
  ['Pročprostěnemluvíčesky', 'Proprostnemluvesky-uyb24dma41a'],
  ['למההםפשוטלאמדבריםעברית', '4dbcagdahymbxekheh6e0a7fei0b'],
  ['почемужеонинеговорятпорусски', 'b1abfaaepdrnnbgefbadotcwatmq2g4l'],
  ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
  ['-> $1.00 <-', '-> $1.00 <--'],
  ['bücher', 'bcher-kva'],
  ['😀', 'e28h'],
];

test('Punycode goes both ways', () => {
  for (const [text, code] of PUNYCODE) {
    assert.equal(encodePunycode(text), code);
    assert.deepEqual(decodePunycode(code), { ok: true, value: text });
  }
});

test('hostile Punycode is refused, not followed', () => {
  for (const bad of ['99999999', 'a-é', 'bcher-kv!', '-_', `a${'z'.repeat(70)}`, 'zzzzzzzzzzzzzzzzzzzzzzzz'])
    assert.equal(decodePunycode(bad).ok, false, bad);
});

test('domains come into one form', () => {
  const cases: [string, string][] = [
    ['Example.ORG', 'example.org'],
    ['Bücher.Example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['ｅｘａｍｐｌｅ。org', 'example.org'],
    ['straße.de', 'xn--strae-oqa.de'],
    ['faß.de', 'xn--fa-hia.de'],
    ['ΒΌΛΟΣ.com', 'xn--nxasmq6b.com'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['1.example', '1.example'],
    ['r3---sn.example', 'r3---sn.example'],
    ['l·l.example', 'xn--ll-0ea.example'],
  ];
  for (const [text, form] of cases) assert.deepEqual(parseDomain(text), { ok: true, value: form }, text);
  // The platform's own converter (UTS 46, non-transitional) agrees wherever both accept.
  for (const [text, form] of cases.filter(([text]) => !text.startsWith('ΒΌ'))) assert.equal(domainToASCII(text), form);
});

test('what is no domain is refused', () => {
  const bad = [
    '',
    '.',
    'a..b',
    '.a',
    'a.',
    '-a.example',
    'a-.example',
    'a_b.example',
    'a b.example',
    'exa\u0000mple.org',
    '192.0.2.1',
    'a.1',
    '[1.2.3.4]',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(126)}abc`,
    'xn--a.example',
    'xn--99999999.example',
    'xn--bcher-KVÄ.example',
    'xn--.example',
    'xn--abc-.example',
    '\u0301a.example',
    'a\u200db.example',
    'a·b.example',
    'אbc.example',
    'bcא.example',
    '\ud800.example',
    '☃.example',
    'x'.repeat(10_000),
  ];
  for (const text of bad) assert.equal(parseDomain(text).ok, false, JSON.stringify(text.slice(0, 80)));
  assert.ok(parseDomain('_dmarc.example', { allowUnderscore: true }).ok);
  assert.deepEqual(parseDomain('example.', { allowFinalDot: true }), { ok: true, value: 'example' });
});

test('A-labels are shown as people read them only when they are sound', () => {
  assert.equal(domainToUnicode('xn--bcher-kva.example'), 'bücher.example');
  assert.equal(domainToUnicode('xn--99999999.example'), 'xn--99999999.example');
  for (const label of ['bücher', 'пример', '例え', 'ไทย']) {
    const ascii = labelToAscii(label);
    assert.ok(ascii.ok);
    assert.equal(domainToUnicode(ascii.value), label);
  }
});

test('kinship', () => {
  assert.ok(isAtOrBelow('a.example', 'example') && isAtOrBelow('example', 'example'));
  assert.ok(!isAtOrBelow('badexample', 'example') && !isAtOrBelow('example', 'a.example'));
  assert.equal(parentOf('a.b.c'), 'b.c');
  assert.equal(parentOf('c'), undefined);
});
