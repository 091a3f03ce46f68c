/** A peer that leaves at the worst moment holds nothing of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { type BlobId, IdMaker } from '../../core/ids.ts';
import type { BodyWriter } from '../../core/ports/store.ts';
import { ContentKeeper, INLINE_LIMIT_BYTES } from './content.ts';

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
