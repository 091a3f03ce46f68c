import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, slips } from './closest.ts';

test('slips of the finger are counted', () => {
  for (const [a, b, count] of [
    ['', '', 0],
    ['a', '', 1],
    ['port', 'prot', 1],
    ['port', 'ports', 1],
    ['host', 'cost', 1],
    ['abc', 'xyz', 3],
  ] as const) {
    assert.equal(slips(a, b), count, `${a} ${b}`);
    assert.equal(slips(b, a), count, `${b} ${a}`);
  }
});

test('what was meant is found, and nothing where nothing was', () => {
  const keys = ['host_name', 'data', 'listen', 'relay', 'smarthost'];
  assert.equal(closest('hostname', keys), 'host_name');
  assert.equal(closest('Host-Name', keys), 'host_name');
  assert.equal(closest('lisetn', keys), 'listen');
  assert.equal(closest('smart_host', keys), 'smarthost');
  assert.equal(closest('banana', keys), undefined);
  assert.equal(closest('x'.repeat(10_000), keys), undefined);
});
