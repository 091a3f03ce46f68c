import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlobId, QueueId } from '../../core/ids.ts';
import { FreshBodies } from './fresh-bodies.ts';

const queue = (number: number): QueueId => number as QueueId;
const inline = (octets: number) => ({ kind: 'inline', blob: 1 as BlobId, sealed: [new Uint8Array(octets)] }) as const;

test('a fresh body is kept until it is forgotten; one that lies in the store already is not kept', () => {
  const fresh = new FreshBodies();
  fresh.keep(queue(1), inline(10));
  fresh.keep(queue(2), { kind: 'stored', blob: 2 as BlobId });
  assert.equal(fresh.get(queue(1))?.length, 10);
  assert.equal(fresh.get(queue(2)), undefined);
  fresh.forget(queue(1));
  fresh.forget(queue(1));
  assert.equal(fresh.get(queue(1)), undefined);
  assert.equal(fresh.octets, 0);
});

test('keeping is bounded in octets: the oldest go first', () => {
  const fresh = new FreshBodies();
  for (let number = 0; number < 100; number++) fresh.keep(queue(number), inline(1_000_000));
  assert.ok(fresh.octets <= 8_388_608);
  assert.equal(fresh.get(queue(0)), undefined);
  assert.equal(fresh.get(queue(99))?.length, 1_000_000);
  fresh.keep(queue(200), inline(20_000_000));
  assert.equal(fresh.octets, 0);
});
