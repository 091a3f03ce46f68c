import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOfCaller, networkToTell, ToldBudget } from './told-budget.ts';

const HOUR = 3_600_000;

function spent(budget: ToldBudget, cause: string, now: number, tries: number): number {
  let count = 0;
  for (let n = 0; n < tries; n++) if (budget.spend(cause, now)) count++;
  return count;
}

test('SECURITY: one network fills no disk with refusals, and takes nothing from the others', () => {
  const budget = new ToldBudget();
  assert.equal(spent(budget, 'a', 0, 100_000), 2_000);
  assert.equal(spent(budget, 'b', HOUR - 1, 10), 10);
  assert.equal(spent(budget, 'a', HOUR, 100_000), 2_000);
});

test('SECURITY: many networks together are bounded too', () => {
  const budget = new ToldBudget();
  let all = 0;
  for (let network = 0; network < 30_000; network++) all += spent(budget, `network ${network}`, 0, 3);
  assert.equal(all, 20_000);
});

test('neighbours are one cause', () => {
  assert.equal(networkOfCaller('192.0.2.7'), networkOfCaller('192.0.2.200'));
  assert.equal(networkOfCaller('2001:db8::1'), networkOfCaller('2001:db8::ffff:1'));
  assert.notEqual(networkOfCaller('192.0.2.7'), networkOfCaller('192.0.3.7'));
  assert.equal(networkOfCaller('nonsense'), 'unknown');
});

test('what people read of an address is no more than they may a week later', () => {
  assert.equal(networkToTell('192.0.2.7'), '192.0.2.0/24');
  assert.equal(networkToTell('2001:db8:1:2::3'), '2001:db8:1::/48');
  assert.equal(networkToTell('nonsense'), 'unknown');
});
