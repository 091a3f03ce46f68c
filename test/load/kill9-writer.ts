/** The child of kill9-store.test.ts: delivers without end and says on stdout what was acknowledged, until it is killed. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../src/adapter/sqlite/client.ts';
import type { AccountId, MailboxId } from '../../src/core/ids.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import { deliver, LARGE_EVERY, type Person, QUEUE_EVERY } from './kill9-mail.ts';

const [dir = '', first = '0', people = '[]'] = process.argv.slice(2);
/** Callers at once: enough that every group commit has several. */
const IN_FLIGHT = 24;

const store = await openSqliteStore({ dir, thread: new URL('../../src/app/storage-thread.ts', import.meta.url) });
const persons = (JSON.parse(people) as [AccountId, MailboxId][]).map(([account, inbox]): Person => ({ account, inbox }));
let next = Number(first);
// The disk of the parent must hear of it at once: console.log may buffer when killed.
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function caller(): Promise<void> {
  for (;;) {
    const number = next++;
    const kind = number % LARGE_EVERY === 0 ? 'large' : number % QUEUE_EVERY === 0 ? 'queue' : 'mail';
    const answer = await deliver(store, persons, { number, kind });
    if (answer !== undefined && isRefusal(answer)) throw new Error(answer.refusal);
    say(String(number));
  }
}

say('ready');
await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
