import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, numberOf } from './ids.ts';

test('an id is its number again, and of its kind only', () => {
  for (const number of [0, 1, 31, 32, 2 ** 52 + 7, Number.MAX_SAFE_INTEGER]) {
    assert.equal(numberOf('email', idOf('email', number)), number);
    assert.equal(numberOf('mailbox', idOf('email', number)), undefined);
  }
});

for (const id of ['', 'e', 'e01', 'e-1', 'e1.5', 'E1', 'e1 ', 'ew', 'e7vvvvvvvvvvv', 'evvvvvvvvvvv', 'e__proto__', `e${'1'.repeat(300)}`])
  test(`no id: ${JSON.stringify(id).slice(0, 30)}`, () => assert.equal(numberOf('email', id), undefined));
