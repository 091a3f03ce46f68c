import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDomain } from '../../codec/net/domain.ts';
import { readable } from './readable.ts';

const ascii = (domain: string): string => {
  const name = parseDomain(domain);
  assert.ok(name.ok);
  return name.value;
};

test('domain names in a text are read as people write them', () => {
  for (const [text, wanted] of [
    ['u@xn--bcher-kva.test', 'u@bücher.test'],
    ['Sent on to a@xn--bcher-kva.test, b@one.test (alias)', 'Sent on to a@bücher.test, b@one.test (alias)'],
    ["Talked to xn--bcher-kva.test's mail server (mx.xn--bcher-kva.test)", "Talked to bücher.test's mail server (mx.bücher.test)"],
    ['xn--bcher-kva@one.test', 'xn--bcher-kva@one.test'],
    ['u@axn--bcher-kva.test', 'u@axn--bcher-kva.test'],
    ['u@xn--99999999.test', 'u@xn--99999999.test'],
    ['plain', 'plain'],
    ['', ''],
  ] as const)
    assert.equal(readable(text), wanted);
  for (const name of ['пример.рф', '日本語かな.test', 'ελληνικά.test', 'עברית.test', 'straße.test', 'हिन्दी.test'])
    assert.equal(readable(ascii(name)), name);
});

test('SECURITY: a name that mixes scripts or passes for a Latin one keeps its A-label', () => {
  for (const name of ['pаypal.test', 'аррӏе.test', 'gοοgle.test', 'αпример.test', 'ороѕ.test']) {
    const wire = ascii(name);
    assert.equal(readable(`u@${wire}`), `u@${wire}`, name);
  }
});

test('a long hostile text costs little', () => {
  const started = performance.now();
  readable('xn--a.'.repeat(50_000));
  readable('@xn--'.repeat(50_000));
  assert.ok(performance.now() - started < 1_000);
});
