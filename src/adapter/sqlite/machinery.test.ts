/** What only a store on disk can go through: full disks, dead threads, locks, newer tables, garbage. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { Fault } from '../../core/fault.ts';
import { type BlobId, type EmailId, IdMaker } from '../../core/ids.ts';
import { addEmail, addUpload, applied, newJourney, newPerson, type Person, queued, step } from '../../core/ports/store.contract.ts';
import type { Store } from '../../core/ports/store.ts';
import { Checkpoint } from './checkpoint.ts';
import { openSqliteStore } from './client.ts';
import { databasePath, openWriter, packsFolder } from './database.ts';
import { migrate, migrations } from './migrations.ts';
import { FAULT } from './testdata/break-points.ts';

const thread = new URL('../../app/storage-thread.ts', import.meta.url);
const module = new URL('./testdata/break-points.ts', import.meta.url);
const armed = new Int32Array(new SharedArrayBuffer(4));
const ids = new IdMaker(Date.now);
let root = '';
let folders = 0;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'eigenpost-machinery-'));
});
after(async () => {
  for (const store of opened) await store.close();
  rmSync(root, { recursive: true });
});

const folder = (): string => join(root, String(folders++));
const opened: Store[] = [];
async function open(dir: string): Promise<Store> {
  const store = await openSqliteStore({ dir, thread, hooks: { module, data: armed } });
  opened.push(store);
  return store;
}
const outcome =
  (wanted: Fault['outcome']) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.outcome === wanted;
const uidsOf = async (person: Person): Promise<number[]> => [...(await person.handle.read({ ask: 'entries', mailbox: person.inbox })).uids];

test('a pack that cannot be written fails those with bodies, and nobody else', async () => {
  const store = await open(folder());
  const person = await newPerson(store);
  for (const [fault, wanted] of [
    [FAULT.packFull, 'full'],
    [FAULT.packBroken, 'unavailable'],
  ] as const) {
    armed[0] = fault;
    const journey = newJourney();
    const [mail, queue, steps] = await Promise.allSettled([
      person.handle.apply([addEmail(person.inbox)]),
      store.queue.accept(queued(person.id), []),
      person.handle.apply([{ do: 'step', row: step(person.id, journey) }]),
    ]);
    assert.ok(mail.status === 'rejected' && outcome(wanted)(mail.reason));
    assert.ok(queue.status === 'rejected' && outcome(wanted)(queue.reason));
    assert.equal(steps.status, 'fulfilled');
    assert.deepEqual(await uidsOf(person), []);
    assert.equal((await person.handle.read({ ask: 'journey', journey })).length, 1);
  }
  applied(await person.handle.apply([addEmail(person.inbox)]));
  assert.deepEqual(await uidsOf(person), [1]);
  await store.close();
});

test('a mistake of one caller is told to that caller alone', async () => {
  const store = await open(folder());
  const [ann, bob] = [await newPerson(store), await newPerson(store)];
  const twice = addEmail(ann.inbox);
  applied(await ann.handle.apply([twice]));
  const [bad, good] = await Promise.allSettled([ann.handle.apply([twice]), bob.handle.apply([addEmail(bob.inbox)])]);
  assert.ok(bad.status === 'rejected' && !(bad.reason instanceof Fault));
  assert.equal(good.status, 'fulfilled');
  assert.deepEqual([await uidsOf(ann), await uidsOf(bob)], [[1], [1]]);
  await store.close();
});

test('a call that cannot be written spoils nobody else in its message', async () => {
  const store = await open(folder());
  const person = await newPerson(store);
  const bad = { ...addEmail(person.inbox), meta: undefined as unknown as Uint8Array };
  const calls = [person.handle.apply([addEmail(person.inbox)]), person.handle.apply([bad]), person.handle.apply([addEmail(person.inbox)])];
  assert.deepEqual(
    (await Promise.allSettled(calls)).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await uidsOf(person), [1, 2]);
  await store.close();
});

test('more at once than one group or one message takes', async () => {
  const store = await open(folder());
  const person = await newPerson(store);
  const sealed = Buffer.alloc(1_000_000, 'large');
  const mail = () => ({ ...addEmail(person.inbox), body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: [sealed] } as const });
  const large = Array.from({ length: 25 }, () => mail());
  const small = Array.from({ length: 600 }, () => person.handle.apply([addEmail(person.inbox)]));
  await Promise.all([...large.map((command) => person.handle.apply([command])), ...small]);
  assert.equal((await uidsOf(person)).length, 625);
  const bodies = await Promise.all(large.map(({ email }) => person.handle.readBody(email, 0, 2_000_000)));
  assert.ok(bodies.every((body) => body !== undefined && Buffer.compare(body, sealed) === 0));
  await store.close();
});

test('the WAL is begun anew when it has grown, and cut to nothing when it is quiet', () => {
  const dir = folder();
  const database = openWriter(dir);
  const checkpoint = new Checkpoint(dir);
  const wal = `${databasePath(dir)}-wal`;
  const put = database.prepare("INSERT OR REPLACE INTO object VALUES (1, 'script', ?, ?)");
  for (let round = 0; round < 2; round++) {
    for (let row = 0; row < 30; row++) put.run(row, Buffer.alloc(1_000_000, round));
    checkpoint.look();
  }
  assert.ok(statSync(wal).size < 70_000_000, `${statSync(wal).size}`);
  for (let look = 0; look < 30; look++) checkpoint.look();
  assert.equal(statSync(wal).size, 0);
  checkpoint.close();
  database.close();
});

test('when the writing thread dies, what was under way is unknown and what comes later unavailable', async () => {
  for (const fault of [FAULT.death, FAULT.deathAfter]) {
    const dir = folder();
    const store = await open(dir);
    const person = await newPerson(store);
    applied(await person.handle.apply([addEmail(person.inbox)]));
    const effectId = Buffer.alloc(16, 1);
    armed[0] = fault;
    await assert.rejects(person.handle.apply([addEmail(person.inbox)], { effectId }), outcome('unknown'));
    await assert.rejects(person.handle.apply([addEmail(person.inbox)], { effectId }), outcome('unavailable'));
    assert.deepEqual((await uidsOf(person)).slice(0, 1), [1]);
    await store.close();
    const again = await open(dir);
    const same = { ...person, handle: again.account(person.id) };
    const { firstTime } = applied(await same.handle.apply([addEmail(person.inbox)], { effectId }));
    assert.equal(firstTime, fault === FAULT.death);
    assert.deepEqual(await uidsOf(same), [1, 2]);
    await again.close();
  }
});

test('a data folder belongs to one process', async () => {
  const dir = folder();
  const store = await open(dir);
  await assert.rejects(open(dir), /Another Eigenpost is already running on the data folder/);
  await store.close();
  await (await open(dir)).close();
});

test('tables of a newer program, or of another one, are refused in plain words', async () => {
  const dir = folder();
  await (await open(dir)).close();
  const database = new DatabaseSync(databasePath(dir));
  database.exec('PRAGMA user_version = 9999');
  await assert.rejects(open(dir), /was written by a newer version of Eigenpost/);
  database.exec('PRAGMA user_version = 1; PRAGMA application_id = 5');
  database.close();
  await assert.rejects(open(dir), /was not made by Eigenpost/);
});

test('migrations run in order, each whole or not at all', () => {
  const database = new DatabaseSync(':memory:');
  const [first] = migrations();
  assert.ok(first !== undefined);
  const bad = { version: 2, sql: 'CREATE TABLE extra (a); CREATE TABLE account (a)' };
  assert.throws(() => migrate(database, [first, bad]));
  if (database.isTransaction) database.exec('ROLLBACK');
  assert.deepEqual({ ...database.prepare('PRAGMA user_version').get() }, { user_version: 1 });
  migrate(database, [first, { version: 2, sql: 'CREATE TABLE extra (a)' }]);
  assert.deepEqual({ ...database.prepare('PRAGMA user_version').get() }, { user_version: 2 });
  database.close();
});

test('the log of before it told of emails is dropped: who was away synchronises anew', async () => {
  const dir = folder();
  const store = await open(dir);
  const [person, other] = [await newPerson(store), await newPerson(store)];
  applied(await person.handle.apply([addEmail(person.inbox)]));
  await store.directory.write([{ do: 'closeAccount', account: other.id }]);
  await store.close();
  const database = new DatabaseSync(databasePath(dir));
  database.exec(`DROP TABLE upload; PRAGMA user_version = 1; UPDATE change_log SET items = '[["expunged",1,[1,1]]]'`);
  database.close();
  const again = await open(dir);
  const same = { ...person, handle: again.account(person.id) };
  assert.equal((await same.handle.changes({ epoch: 1, modseq: 1 }, 9)).complete, false);
  applied(await same.handle.apply([{ do: 'expunge', mailbox: person.inbox, uids: [[1, 1]], onlyDeleted: false }]));
  const since = await same.handle.changes({ epoch: 1, modseq: 2 }, 9);
  assert.deepEqual([since.items.map(({ kind }) => kind), since.complete], [['expunged', 'destroyed'], true]);
  await again.tidy({ now: Date.now(), journeysBefore: () => 0 });
  assert.equal((await same.handle.changes({ epoch: 1, modseq: 2 }, 9)).complete, true);
  await again.close();
});

test('tidy removes the packs of large bodies that are gone, and the rows of closed accounts', async () => {
  const dir = folder();
  const store = await open(dir);
  const [person, other] = [await newPerson(store), await newPerson(store)];
  const emails: EmailId[] = [];
  for (let count = 0; count < 3; count++) {
    const writer = await store.openBody(ids.next<BlobId>());
    await writer.write([Buffer.alloc(200_000, count)]);
    await writer.finish();
    const command = { ...addEmail(person.inbox), body: { kind: 'stored', blob: writer.blob } as const };
    applied(await person.handle.apply([command]));
    emails.push(command.email);
  }
  // An hour later nobody remembers them as perhaps still to be named.
  const later = Date.now() + 2 * 3_600_000;
  applied(await person.handle.apply([{ do: 'expunge', mailbox: person.inbox, uids: [[1, 2]], onlyDeleted: false }]));
  assert.equal(readdirSync(packsFolder(dir)).length, 3);
  await store.tidy({ now: later, journeysBefore: () => 0 });
  assert.equal(readdirSync(packsFolder(dir)).length, 1);
  assert.equal((await person.handle.readBody(emails[2] as EmailId, 0, 1e9))?.length, 200_000);
  for (let count = 0; count < 1200; count += 100) {
    applied(
      await other.handle.apply(
        Array.from({ length: 100 }, () => addEmail(other.inbox)),
        { effectId: Buffer.alloc(16, count / 100) },
      ),
    );
  }
  for (let count = 0; count < 6; count++) applied(await other.handle.apply(Array.from({ length: 100 }, () => addUpload())));
  await store.directory.write([{ do: 'closeAccount', account: other.id }]);
  await store.tidy({ now: later, journeysBefore: () => 0 });
  await store.close();
  const database = new DatabaseSync(databasePath(dir), { readOnly: true });
  for (const table of ['mailbox', 'email', 'entry', 'upload', 'account', 'closed']) {
    const row = database.prepare(`SELECT count(*) AS rows FROM ${table} WHERE account = ?`).get(other.id);
    assert.deepEqual({ ...row }, { rows: 0 }, table);
  }
  // What is left in the log is the other account's: opening, three deliveries, one expunge.
  assert.deepEqual({ ...database.prepare('SELECT count(*) AS rows FROM change_log').get() }, { rows: 5 });
  assert.deepEqual({ ...database.prepare('SELECT count(*) AS rows FROM applied').get() }, { rows: 0 });
  assert.deepEqual({ ...database.prepare('SELECT count(*) AS rows FROM blob').get() }, { rows: 1 });
  assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
  database.close();
});
