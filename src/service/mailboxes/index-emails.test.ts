import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmailId, ThreadId } from '../../core/ids.ts';
import { IndexEmails } from './index-emails.ts';

test('conversations stay whole, whoever leaves them, and rows are used again', () => {
  let state = 3;
  const roll = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
  const emails = new IndexEmails();
  const plain = new Map<EmailId, ThreadId>();
  for (let step = 1; step <= 4_000; step++) {
    const known = [...plain.keys()];
    const leaving = known[roll(known.length + 1)];
    if (roll(2) === 0 && leaving !== undefined) {
      emails.remove(emails.rowOf(leaving));
      plain.delete(leaving);
    } else {
      const thread = (roll(5) + 1) as ThreadId;
      emails.add(step as EmailId, { thread, size: step, receivedAt: step });
      plain.set(step as EmailId, thread);
    }
    for (let thread = 1 as ThreadId; thread <= 5; thread++) {
      const chain: EmailId[] = [];
      for (let row = emails.firstOfThread(thread); row >= 0; row = emails.nextInThread(row)) {
        assert.equal(emails.isFirstInThread(row), chain.length === 0);
        assert.ok(chain.push(emails.email(row)) <= plain.size, 'the chain ends');
      }
      const wanted = [...plain].filter(([, other]) => other === thread).map(([email]) => email);
      assert.deepEqual(
        chain.sort((one, other) => one - other),
        wanted,
      );
    }
    assert.equal(emails.count, plain.size);
  }
  assert.ok(emails.used < 500, 'free rows were used again');
});
