/**
 * How fast mail is filed durably: a closed loop of callers, each delivering
 * one message (addEmail, two journey rows, effect id) and waiting for the
 * answer. Prints deliveries per second, latency, and CPU per delivery of the
 * main thread and of all storage threads together.
 *
 *     node src/adapter/sqlite/store.bench.ts [accounts] [deliveries] [folder]
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../core/command.ts';
import {
  type AccountId,
  type BlobId,
  type EmailId,
  IdMaker,
  JOURNEY_RANDOM_BYTES,
  journeyId,
  type MailboxId,
  type OrganisationId,
  type ThreadId,
} from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal } from '../../core/refusal.ts';
import { openSqliteStore } from './client.ts';

const [accounts = 100, deliveries = 20_000] = process.argv.slice(2, 4).map(Number);
const parent = process.argv[4] ?? tmpdir();
const ids = new IdMaker(Date.now);
const organisation = ids.next<OrganisationId>();
type Person = Readonly<{ account: AccountId; inbox: MailboxId }>;

async function open(store: Store): Promise<Person[]> {
  const people = Array.from({ length: accounts }, () => ({ account: ids.next<AccountId>(), inbox: ids.next<MailboxId>() }));
  const changes = people.map(({ account, inbox }) => {
    const nameKey = randomBytes(16);
    const create = {
      do: 'createMailbox',
      mailbox: inbox,
      parent: null,
      nameKey,
      name: nameKey,
      role: 'inbox',
      subscribed: true,
      uidValidity: 1,
    } as const;
    return { do: 'openAccount', account, organisation, quota: 0, batch: [create] } as const;
  });
  await store.directory.write(changes);
  return people;
}

function delivery({ account, inbox }: Person, sealed: Uint8Array): Command[] {
  const email = ids.next<EmailId>();
  const journey = journeyId(Date.now(), randomBytes(JOURNEY_RANDOM_BYTES));
  const row = (owner: AccountId | OrganisationId) =>
    ({ do: 'step', row: { owner, journey, seq: ids.next<number>(), at: Date.now(), sealed: STEP } }) as const;
  return [
    {
      do: 'addEmail',
      email,
      thread: email as number as ThreadId,
      body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: [sealed] },
      size: sealed.length,
      receivedAt: Date.now(),
      meta: META,
      into: [{ mailbox: inbox, flags: 0, keywords: [] }],
    },
    row(account),
    row(organisation),
  ];
}

const META = randomBytes(600);
const STEP = randomBytes(350);

type Figures = Readonly<{ perSecond: number; p50: number; p99: number; mainUs: number; threadsUs: number }>;

async function run(
  store: Store,
  people: readonly Person[],
  { size, inFlight, count }: Readonly<{ size: number; inFlight: number; count: number }>,
): Promise<Figures> {
  const sealed = randomBytes(size);
  const times: number[] = [];
  let left = count;
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const person = people[Math.floor(Math.random() * people.length)] as Person;
      const start = performance.now();
      const answer = await store.account(person.account).apply(delivery(person, sealed), { effectId: randomBytes(16) });
      if (isRefusal(answer)) throw new Error(answer.refusal);
      times.push(performance.now() - start);
    }
  };
  const [before, mainBefore, start] = [process.cpuUsage(), process.threadCpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: inFlight }, caller));
  const seconds = (performance.now() - start) / 1000;
  const [all, main] = [process.cpuUsage(before), process.threadCpuUsage(mainBefore)];
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  const mainUs = (main.user + main.system) / count;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99), mainUs, threadsUs: (all.user + all.system) / count - mainUs };
}

const dir = mkdtempSync(join(parent, 'eigenpost-bench-'));
const store = await openSqliteStore({ dir, thread: new URL('../../app/storage-thread.ts', import.meta.url) });
const people = await open(store);
await run(store, people, { size: 4096, inFlight: 50, count: 3000 });
console.log(`${accounts} accounts\nsize    in flight   per s    p50 ms   p99 ms   main us   threads us`);
for (const size of [4096, 51_200]) {
  for (const inFlight of [1, 10, 100]) {
    const count = Math.ceil((deliveries * (inFlight === 1 ? 0.1 : inFlight === 10 ? 0.5 : 1)) / (size > 10_000 ? 5 : 1));
    const { perSecond, p50, p99, mainUs, threadsUs } = await run(store, people, { size, inFlight, count });
    const figures = [perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2), mainUs.toFixed(1), threadsUs.toFixed(1)];
    console.log([String(size), String(inFlight), ...figures].map((text) => text.padEnd(9)).join(''));
  }
}
await store.close();
rmSync(dir, { recursive: true });
