import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Fault } from '../../core/fault.ts';
import type { AccountId, OrganisationId, OwnerId } from '../../core/ids.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { DirectoryStore } from '../../core/ports/store.ts';
import { fingerprint, openKeyring, type ServerKeyring } from './keyring.ts';

const dice: Dice = { bytes: (count) => Uint8Array.from(randomBytes(count)) };
const root = Uint8Array.from(randomBytes(32));
const [school, shop] = [101 as OrganisationId, 102 as OrganisationId];
const noor = 201 as AccountId;

/** The part of a directory store that keys need. */
class KeyShelf implements DirectoryStore {
  readonly rows = new Map<OwnerId, Uint8Array>();
  load = async (): Promise<[]> => [];
  keys = async (): Promise<{ owner: OwnerId; wrapped: Uint8Array }[]> => [...this.rows].map(([owner, wrapped]) => ({ owner, wrapped }));
  write: DirectoryStore['write'] = async (changes) => {
    for (const change of changes) {
      if (change.do === 'putKey') this.rows.set(change.owner, change.wrapped);
      if (change.do === 'destroyKey') this.rows.delete(change.owner);
    }
    return undefined;
  };
}

async function opened(shelf: KeyShelf, key: Uint8Array = root): Promise<ServerKeyring> {
  const result = await openKeyring(shelf, key, dice);
  assert.ok(result.ok, result.ok ? '' : result.why);
  return result.keyring;
}

async function born(shelf: KeyShelf, ring: ServerKeyring, owner: OwnerId, under: OrganisationId | null): Promise<void> {
  const made = ring.make(owner, under);
  await shelf.write([{ do: 'putKey', owner, wrapped: made.wrapped }]);
  ring.adopt(made);
}

async function household(): Promise<{ shelf: KeyShelf; ring: ServerKeyring }> {
  const shelf = new KeyShelf();
  const ring = await opened(shelf);
  await born(shelf, ring, school, null);
  await born(shelf, ring, shop, null);
  await born(shelf, ring, noor, school);
  return { shelf, ring };
}

test('what was sealed opens after a restart, with the same hashes', async () => {
  const { shelf, ring } = await household();
  const sealed = ring.of(noor)?.seal('a letter', 'letter/1');
  const lane = Buffer.from(ring.server.hash('example.org', 'lane'));
  assert.ok(sealed);
  const again = await opened(shelf);
  assert.equal(again.of(noor)?.open(sealed, 'letter/1')?.toString(), 'a letter');
  assert.deepEqual(Buffer.from(again.server.hash('example.org', 'lane')), lane);
  assert.equal(lane.length, 16);
});

test('the context binds, and so does the owner', async () => {
  const { ring } = await household();
  const sealed = ring.of(noor)?.seal('a letter', 'letter/1') ?? new Uint8Array();
  assert.equal(ring.of(noor)?.open(sealed, 'letter/2'), undefined);
  assert.equal(ring.of(school)?.open(sealed, 'letter/1'), undefined);
  assert.equal(ring.server.open(sealed, 'letter/1'), undefined);
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  assert.equal(ring.of(noor)?.open(sealed, 'letter/1'), undefined);
  assert.notDeepEqual(ring.of(noor)?.hash('x', 'c'), ring.of(school)?.hash('x', 'c'));
  assert.notDeepEqual(ring.server.hash('x', 'c'), ring.server.hash('x', 'd'));
});

test('another root key gets a sentence, not garbage', async () => {
  const { shelf } = await household();
  const other = Uint8Array.from(randomBytes(32));
  const result = await openKeyring(shelf, other, dice);
  assert.ok(!result.ok);
  assert.match(result.why, /^This root key \([0-9a-f]{8}\) is not the one/);
  assert.ok(result.why.includes(fingerprint(other)) && result.why.includes(fingerprint(root)));
  const short = await openKeyring(new KeyShelf(), root.subarray(1), dice);
  assert.ok(!short.ok && /must be 32 bytes; this one has 31/.test(short.why));
});

test('damage is told apart from another root key', async () => {
  const { shelf } = await household();
  const row = shelf.rows.get(school);
  assert.ok(row);
  row[row.length - 1] = (row[row.length - 1] ?? 0) ^ 1;
  const result = await openKeyring(shelf, root, dice);
  assert.ok(!result.ok && /organisation 101 .* damaged/.test(result.why));
  shelf.rows.set(school, row.subarray(3));
  const cut = await openKeyring(shelf, root, dice);
  assert.ok(!cut.ok && /damaged/.test(cut.why));
  shelf.rows.delete(0 as OwnerId);
  shelf.rows.delete(school);
  const headless = await openKeyring(shelf, root, dice);
  assert.ok(!headless.ok && /not the server’s own/.test(headless.why));
});

test('wrapped keys cannot change places', async () => {
  const { shelf, ring } = await household();
  await born(shelf, ring, 202 as AccountId, school);
  const [a, b] = [shelf.rows.get(noor), shelf.rows.get(202 as AccountId)];
  assert.ok(a && b);
  shelf.rows.set(noor, b);
  const swapped = await opened(shelf);
  assert.throws(() => swapped.of(noor), Fault);
  // An account's key moved under another organisation does not open either.
  const moved = Uint8Array.from(a);
  moved[8] = shop;
  shelf.rows.set(noor, moved);
  const elsewhere = await opened(shelf);
  assert.throws(() => elsewhere.of(noor), Fault);
});

test('a forgotten key is gone for everybody who held it', async () => {
  const { shelf, ring } = await household();
  const held = ring.of(noor);
  assert.ok(held);
  const sealed = held.seal('a letter', 'letter/1');
  await shelf.write([{ do: 'destroyKey', owner: noor }]);
  ring.forget(noor);
  assert.equal(ring.of(noor), undefined);
  assert.equal(held.open(sealed, 'letter/1'), undefined);
  assert.throws(() => held.seal('more', 'letter/2'), /destroyed key/);
  assert.throws(() => held.hash('more', 'c'), /destroyed key/);
  assert.equal((await opened(shelf)).of(noor), undefined);
});

test('a key that was made but never adopted is on no ring', async () => {
  const { ring } = await household();
  const made = ring.make(203 as AccountId, shop);
  assert.equal(ring.of(203 as AccountId), undefined);
  ring.adopt(made);
  assert.ok(ring.of(203 as AccountId));
  assert.throws(() => ring.adopt(made), /once/);
  assert.throws(() => ring.make(204 as AccountId, 999 as OrganisationId), /no key of organisation 999/);
});

test('nonces and body keys never repeat, and the dice are asked in bulk', async () => {
  let throws = 0;
  const counted: Dice = {
    bytes: (count) => {
      throws++;
      return dice.bytes(count);
    },
  };
  const result = await openKeyring(new KeyShelf(), root, counted);
  assert.ok(result.ok);
  const seen = new Set<string>();
  for (let n = 0; n < 2000; n++) {
    seen.add(Buffer.from(result.keyring.server.seal('', 'n').subarray(0, 12)).toString('hex'));
    seen.add(Buffer.from(result.keyring.bodyKey()).toString('hex'));
  }
  assert.equal(seen.size, 4000);
  assert.ok(!seen.has('0'.repeat(64)));
  assert.ok(throws < 40, `${throws} trips for 4000 values`);
});
