/** The writer with real packs of a small size: full disks, and bodies that move between packs while they are used. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { packNumbers, Packs } from '../adapter/bodies/packs.ts';
import { openReader, openWriter, packsFolder } from '../adapter/sqlite/database.ts';
import { NO_HOOKS } from '../adapter/sqlite/hooks.ts';
import { Reader } from '../adapter/sqlite/reader.ts';
import { type Work, Writer } from '../adapter/sqlite/writer.ts';
import type { Command } from '../core/command.ts';
import type { AccountId, BlobId, EmailId, MailboxId, OrganisationId, ThreadId } from '../core/ids.ts';
import { bodyPacks, bodyReader } from './storage-thread.ts';

const PACK_BYTES = 200_000;
const BODY_BYTES = 10_000;
const BODIES = 100;
const account = 1 as AccountId;
const mailbox = 2 as MailboxId;
const bodyOf = (number: number): Buffer => Buffer.alloc(BODY_BYTES, `body ${number}. `);

function openShard(): { dir: string; database: DatabaseSync; packs: Packs; writer: Writer; close(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'eigenpost-shard-'));
  const database = openWriter(dir);
  const packs = new Packs(packsFolder(dir), PACK_BYTES);
  const writer = new Writer({ database, bodies: bodyPacks(packs), hooks: NO_HOOKS, now: Date.now });
  const name = Buffer.from('inbox');
  const create = { do: 'createMailbox', mailbox, parent: null, nameKey: name, name, role: null, subscribed: true, uidValidity: 1 } as const;
  const open = { do: 'openAccount', account, organisation: 9 as OrganisationId, quota: 0, batch: [create] } as const;
  writer.commit([{ id: 0, call: { call: 'directory', changes: [open] } }]);
  const close = (): void => {
    database.close();
    packs.close();
    rmSync(dir, { recursive: true });
  };
  return { dir, database, packs, writer, close };
}

const apply = (id: number, ...batch: Command[]): Work => ({ id, call: { call: 'apply', account, batch, options: {} } });
const add = (number: number): Command => ({
  do: 'addEmail',
  email: number as EmailId,
  thread: 1 as ThreadId,
  body: { kind: 'inline', blob: (1000 + number) as BlobId, sealed: [bodyOf(number)] },
  size: 1,
  receivedAt: 1,
  meta: Buffer.from('meta'),
  into: [{ mailbox, flags: 0, keywords: [] }],
});

test('a full disk: nothing is kept half done, and the service goes on when there is room again', () => {
  const { database, writer, close } = openShard();
  const large: Command = { do: 'putObject', object: 'script', id: 1, value: Buffer.alloc(2_000_000, 7) };
  database.exec('PRAGMA max_page_count = 100');
  const { answers, applied, logged } = writer.commit([apply(1, add(1), large), apply(2, add(2))]);
  const [first] = answers;
  assert.ok(first !== undefined && 'fault' in first && first.fault === 'full');
  database.exec('PRAGMA max_page_count = 1000000');
  const places = database
    .prepare('SELECT email FROM entry')
    .all()
    .map((row) => row.email);
  // The neighbour was kept if, and only if, it was told so.
  assert.deepEqual(places, applied[0] === 2 ? [2] : []);
  assert.equal(logged.length, 3 * places.length);
  const again = writer.commit([apply(3, add(1), large), apply(4, add(3))]);
  assert.deepEqual([again.answers, again.applied[0], again.applied[4]], [[], 3, 4]);
  const [row] = database.prepare('SELECT uid_next, total FROM mailbox').all();
  assert.deepEqual({ ...row }, { uid_next: places.length + 3, total: places.length + 2 });
  close();
});

test('a pack that is mostly garbage is rewritten, and every body is still found', () => {
  const { dir, packs, writer, close } = openShard();
  for (let number = 1; number <= BODIES; number++) writer.commit([apply(number, add(number))]);
  const expunge = (from: number, to: number): void => {
    writer.commit([apply(0, { do: 'expunge', mailbox, uids: [[from, to]], onlyDeleted: false })]);
  };
  expunge(3, 40);
  const before = packNumbers(packs.dir);
  const readable = openReader(dir);
  const bodies = bodyReader(packs.dir);
  const reader = new Reader(readable, bodies);
  const wasteful = reader.answer({ ask: 'wasteful' }) as number[];
  assert.deepEqual(wasteful, before.slice(0, 2));
  for (const pack of wasteful) {
    const steps = writer.rewritePack(pack);
    // Between two steps an email goes: what nobody wants is not brought back.
    if (steps.next().done !== true) expunge(41, 42);
    for (let step = steps.next(); step.done !== true; step = steps.next());
    bodies.forget(pack);
  }
  assert.deepEqual(packNumbers(packs.dir).slice(0, before.length - 2), before.slice(2));
  for (let number = 1; number <= BODIES; number++) {
    const read = reader.answer({ ask: 'emailBody', account, email: number as EmailId, from: 0, to: BODY_BYTES });
    if (number >= 3 && number <= 42) assert.equal(read, undefined);
    else assert.deepEqual(Buffer.from(read as Uint8Array), bodyOf(number), `body ${number}`);
  }
  assert.equal(writer.rewritePack(packs.active ?? 0).next().value, false);
  bodies.close();
  readable.close();
  close();
});
