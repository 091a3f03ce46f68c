/** A peer that leaves at the worst moment holds nothing of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { type BlobId, IdMaker } from '../../core/ids.ts';
import type { BodyWriter } from '../../core/ports/store.ts';
import { isRefusal } from '../../core/refusal.ts';
import { openRange } from '../../lib/body-cipher.ts';
import { ContentKeeper, INLINE_LIMIT_BYTES } from './content.ts';

const HEADER = 'Subject: x\r\n\r\n';
const BLOCK = Buffer.alloc(65_536, 'block ');

/** A keeper of large mail over this way of writing. */
function keeperOver(write: (parts: readonly Uint8Array[]) => Promise<void>): ContentKeeper {
  const writer: BodyWriter = { blob: 1 as BlobId, write, finish: async () => undefined, abort: async () => undefined };
  return new ContentKeeper({
    store: { openBody: async () => writer },
    keyring: memoryKeyMaker(seededDice('content')),
    ids: new IdMaker(() => 0),
    sizeLimit: 100_000_000,
    prefix: Buffer.alloc(0),
    edit: null,
  });
}

test('a large body is written in order, and the peer waits only for a store that is slower', async () => {
  const written: Uint8Array[] = [];
  let waiting = Promise.withResolvers<void>();
  const keeper = keeperOver(async (parts) => {
    await waiting.promise;
    written.push(...parts);
  });
  await keeper.write(Buffer.from(`${HEADER}${'x'.repeat(INLINE_LIMIT_BYTES)}`));
  const first = keeper.write(Buffer.concat([BLOCK, BLOCK, BLOCK]));
  let isFree = false;
  void first?.then(() => (isFree = true));
  await new Promise((resume) => setImmediate(resume));
  assert.equal(isFree, false, 'two pieces wait: that is all there is room for');
  waiting.resolve();
  await first;
  waiting = Promise.withResolvers();
  waiting.resolve();
  const kept = await keeper.finish();
  if (isRefusal(kept)) throw new Error('refused');
  const plain = openRange(kept.bodyKey, Buffer.concat(written), { from: 0, to: kept.size, size: kept.size });
  assert.equal(plain?.toString(), `${HEADER}${'x'.repeat(INLINE_LIMIT_BYTES)}${Buffer.concat([BLOCK, BLOCK, BLOCK])}`);
});

test('what breaks while the next piece is coming is told at the end at the latest', async () => {
  let writes = 0;
  const keeper = keeperOver(async () => {
    if (++writes === 2) throw new Error('disk full');
  });
  await keeper.write(Buffer.from(`${HEADER}${'x'.repeat(INLINE_LIMIT_BYTES)}`));
  await keeper.write(Buffer.concat([BLOCK, BLOCK, BLOCK]));
  await assert.rejects(async () => keeper.finish(), /disk full/);
});

test('SECURITY: a peer that leaves while its large body is being opened leaves no open body behind', async () => {
  const calls: string[] = [];
  const writer: BodyWriter = {
    blob: 1 as BlobId,
    write: async () => void calls.push('write'),
    finish: async () => void calls.push('finish'),
    abort: async () => void calls.push('abort'),
  };
  const { promise, resolve } = Promise.withResolvers<BodyWriter>();
  const keeper = new ContentKeeper({
    store: { openBody: () => promise },
    keyring: memoryKeyMaker(seededDice('content')),
    ids: new IdMaker(() => 0),
    sizeLimit: 10_000_000,
    prefix: Buffer.alloc(0),
    edit: null,
  });
  const written = keeper.write(Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(INLINE_LIMIT_BYTES)}`));
  keeper.abort();
  resolve(writer);
  await written;
  assert.deepEqual(calls, ['abort']);
});
