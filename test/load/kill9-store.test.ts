/**
 * A process that delivers mail is killed in the midst of it, again and again.
 * Each time: nothing acknowledged is lost, nothing is there twice, every body
 * is whole, every total is right, and what was in doubt can be repeated.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/adapter/sqlite/client.ts';
import { type AccountId, type EmailId, IdMaker, type MailboxId, type OrganisationId } from '../../src/core/ids.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { bodyOf, deliver, LARGE_EVERY, type Person, personOf, QUEUE_EVERY } from './kill9-mail.ts';

const ROUNDS = 5;
const SHORTEST_MS = 60;
const LONGEST_MS = 500;
const PEOPLE = 5;
/** Numbers that may have been under way when the child was killed. */
const IN_DOUBT = 64;

const thread = new URL('../../src/app/storage-thread.ts', import.meta.url);
const kindOf = (number: number): 'mail' | 'queue' | 'large' =>
  number % LARGE_EVERY === 0 ? 'large' : number % QUEUE_EVERY === 0 ? 'queue' : 'mail';

async function openPeople(store: Store): Promise<Person[]> {
  const ids = new IdMaker(Date.now);
  const people = Array.from({ length: PEOPLE }, () => ({ account: ids.next<AccountId>(), inbox: ids.next<MailboxId>() }));
  for (const { account, inbox } of people) {
    const name = Buffer.from('inbox');
    const create = {
      do: 'createMailbox',
      mailbox: inbox,
      parent: null,
      nameKey: name,
      name,
      role: 'inbox',
      subscribed: true,
      uidValidity: 1,
    } as const;
    await store.directory.write([{ do: 'openAccount', account, organisation: 1 as OrganisationId, quota: 0, batch: [create] }]);
  }
  return people;
}

/** Runs the writer until it is killed; the numbers it acknowledged. */
async function killedWriter(dir: string, first: number, people: readonly Person[]): Promise<number[]> {
  const pairs = JSON.stringify(people.map(({ account, inbox }) => [account, inbox]));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill9-writer.ts'), dir, String(first), pairs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), SHORTEST_MS + Math.random() * (LONGEST_MS - SHORTEST_MS));
    said += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  // The last line may be cut short by the kill: without its end it was not said.
  return said.split('\n').slice(1, -1).map(Number);
}

type Found = Readonly<{ counts: Map<number, number>; emails: Map<number, EmailId> }>;

async function check(store: Store, people: readonly Person[]): Promise<Found> {
  const counts = new Map<number, number>();
  const emails = new Map<number, EmailId>();
  const count = (number: number): void => void counts.set(number, (counts.get(number) ?? 0) + 1);
  for (const { account, inbox } of people) {
    const handle = store.account(account);
    const columns = await handle.read({ ask: 'entries', mailbox: inbox });
    const list = [...columns.emails] as EmailId[];
    let size = 0;
    for (let at = 0; at < list.length; at += 1000) {
      for (const row of await handle.read({ ask: 'emails', emails: list.slice(at, at + 1000) })) {
        count(row.receivedAt);
        emails.set(row.receivedAt, row.email);
        size += row.size;
      }
    }
    const [mailbox] = await handle.read({ ask: 'mailboxes' });
    const uids = [...columns.uids];
    assert.deepEqual(
      uids,
      uids.map((_, row) => row + 1),
      'uids without gap or repeat',
    );
    assert.equal(mailbox?.uidNext, uids.length + 1);
    assert.equal(mailbox?.total, uids.length);
    assert.equal(mailbox?.unseen, [...columns.flags].filter((flags) => flags === 0).length);
    assert.deepEqual([mailbox?.size, (await handle.read({ ask: 'account' })).used], [size, size]);
  }
  for (const item of await store.queue.list({ limit: 10_000 })) {
    count(item.acceptedAt);
    const body = await store.queue.readBody(item.queue, 0, Number.MAX_SAFE_INTEGER);
    assert.ok(body !== undefined && Buffer.compare(body, bodyOf(item.acceptedAt)) === 0, `queued body ${item.acceptedAt}`);
  }
  return { counts, emails };
}

async function checkBodies(store: Store, people: readonly Person[], emails: ReadonlyMap<number, EmailId>): Promise<void> {
  for (const [number, email] of emails) {
    const body = await store.account(personOf(people, number).account).readBody(email, 0, Number.MAX_SAFE_INTEGER);
    assert.ok(body !== undefined && Buffer.compare(body, bodyOf(number)) === 0, `body ${number}`);
  }
}

test('killed in the midst of deliveries, nothing acknowledged is lost and nothing doubled', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'eigenpost-kill9-'));
  let store = await openSqliteStore({ dir, thread });
  const people = await openPeople(store);
  await store.close();
  const acknowledged = new Set<number>();
  let first = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const told = await killedWriter(dir, first, people);
    for (const number of told) acknowledged.add(number);
    store = await openSqliteStore({ dir, thread });
    const { counts, emails } = await check(store, people);
    for (const number of acknowledged) assert.equal(counts.get(number), 1, `message ${number} was acknowledged`);
    for (const [number, times] of counts) assert.equal(times, 1, `message ${number} is there ${times} times`);
    await checkBodies(store, people, new Map([...emails].filter(([number]) => number >= first)));
    // What was in doubt is repeated with the same effect: it is there once, whether it was or not.
    const last = Math.max(first, ...told) + IN_DOUBT;
    const numbers = Array.from({ length: last - first }, (_, row) => first + row);
    const doubtful = numbers.filter((number) => !acknowledged.has(number));
    await Promise.all(doubtful.map((number) => deliver(store, people, { number, kind: kindOf(number) })));
    for (const number of doubtful) acknowledged.add(number);
    first = last;
    await store.tidy({ now: Date.now(), journeysBefore: () => 0 });
    await store.close();
  }
  store = await openSqliteStore({ dir, thread });
  const { counts, emails } = await check(store, people);
  assert.equal(counts.size, acknowledged.size);
  assert.ok([...counts.values()].every((times) => times === 1));
  await checkBodies(store, people, emails);
  await store.close();
  rmSync(dir, { recursive: true });
});
