import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerId } from '../../core/ids.ts';
import { seededDice } from './dice.ts';
import { memoryKeyring } from './keyring.ts';

test('dice fall the same way for the same seed, in whatever portions', () => {
  const [a, b] = [seededDice(1), seededDice(1)];
  const parts = Buffer.concat([a.bytes(3), a.bytes(40), a.bytes(0), a.bytes(21)]);
  assert.deepEqual(parts, Buffer.from(b.bytes(64)));
  assert.notDeepEqual(seededDice(2).bytes(16), seededDice(1).bytes(16));
});

test('what one owner sealed opens for that owner alone, in its context, until the key is destroyed', () => {
  const ring = memoryKeyring(seededDice('keys'));
  const [ann, bob] = [7 as OwnerId, 8 as OwnerId];
  assert.equal(ring.of(ann), undefined);
  const key = ring.add(ann);
  const sealed = key.seal('secret', 'note');
  assert.equal(ring.of(ann)?.open(sealed, 'note')?.toString(), 'secret');
  assert.equal(key.open(sealed, 'other'), undefined);
  assert.equal(ring.add(bob).open(sealed, 'note'), undefined);
  assert.deepEqual(key.hash('word', 'c'), ring.add(ann).hash('word', 'c'));
  assert.notDeepEqual(key.hash('word', 'c'), key.hash('word', 'd'));
  assert.equal(key.hash('word', 'c').length, 16);
  ring.destroy(ann);
  assert.equal(ring.of(ann), undefined);
});
