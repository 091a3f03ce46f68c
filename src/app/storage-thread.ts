/**
 * The storage threads' entry. One shard has three: one writes (database and
 * packs), one reads, one copies the WAL and looks for what may go. Here, and
 * only here, the database meets the packs.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { moveOut, removePack, wasteful } from '../adapter/bodies/compaction.ts';
import { LargeBody } from '../adapter/bodies/large.ts';
import { PackReader } from '../adapter/bodies/pack-reader.ts';
import { Packs } from '../adapter/bodies/packs.ts';
import type { BodyPacks, BodyReader } from '../adapter/sqlite/bodies.ts';
import { Checkpoint } from '../adapter/sqlite/checkpoint.ts';
import type { Started, ThreadData } from '../adapter/sqlite/client.ts';
import { openReader, openWriter, packsFolder } from '../adapter/sqlite/database.ts';
import { type Hooks, NO_HOOKS } from '../adapter/sqlite/hooks.ts';
import { Reader } from '../adapter/sqlite/reader.ts';
import { serveReader } from '../adapter/sqlite/reader-thread.ts';
import { Writer } from '../adapter/sqlite/writer.ts';
import { serveWriter } from '../adapter/sqlite/writer-thread.ts';

export function bodyPacks(packs: Packs): BodyPacks {
  return {
    append: (bodies) => packs.append(bodies),
    openLarge: (blob) => LargeBody.open(packs, blob),
    get active() {
      return packs.active;
    },
    moveOut: (pack, isWanted) => moveOut(packs, pack, isWanted),
    removePack: (pack) => removePack(packs, pack),
    close: () => packs.close(),
  };
}

export function bodyReader(dir: string): BodyReader {
  const reader = new PackReader(dir);
  return {
    read: (place, from, to) => reader.read(place, from, to),
    forget: (pack) => reader.forget(pack),
    wasteful: (live) => wasteful(dir, live),
    close: () => reader.close(),
  };
}

async function testHooks({ hooks }: ThreadData): Promise<Hooks> {
  if (hooks === undefined) return NO_HOOKS;
  const module = (await import(hooks.module)) as { hooks(data: unknown): Hooks };
  return module.hooks(hooks.data);
}

async function startWriter(port: MessagePort, data: ThreadData): Promise<void> {
  const hooks = await testHooks(data);
  const database = openWriter(data.dir);
  const bodies = bodyPacks(new Packs(packsFolder(data.dir)));
  const writer = new Writer({ database, bodies, hooks, now: Date.now });
  const end = (): void => {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    bodies.close();
  };
  serveWriter(port, { writer, bodies, end });
}

function startReader(port: MessagePort, { dir, role }: ThreadData): void {
  const database = openReader(dir);
  const bodies = bodyReader(packsFolder(dir));
  const checkpoint = role === 'upkeep' ? new Checkpoint(dir) : undefined;
  const end = (): void => {
    checkpoint?.close();
    database.close();
    bodies.close();
  };
  serveReader(port, { database, reader: new Reader(database, bodies), end });
}

async function start(port: MessagePort): Promise<void> {
  const data = workerData as ThreadData;
  const say = (started: Started): void => port.postMessage(started);
  try {
    if (data.role === 'writer') await startWriter(port, data);
    else startReader(port, data);
    say({ started: true });
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
}

if (parentPort !== null) await start(parentPort);
