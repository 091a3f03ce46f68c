import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BlobId } from '../../core/ids.ts';
import { moveOut, removePack, wasteful } from './compaction.ts';
import { LargeBody } from './large.ts';
import { PackReader } from './pack-reader.ts';
import { packNumbers, packPath, Packs, type Place } from './packs.ts';
import { HEADER_BYTES, isIntact, readHeader, writeHeader } from './record.ts';

let root = '';
let folders = 0;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'eigenpost-packs-'));
});
after(() => rmSync(root, { recursive: true }));
const folder = (): string => join(root, String(folders++));

const octetsOf = (id: number, length: number): Buffer => Buffer.alloc(length, `body ${id}.`);
/** In two pieces, one of them perhaps empty. */
const body = (id: number, length: number) => ({
  blob: id as BlobId,
  sealed: [octetsOf(id, length).subarray(0, length >> 1), octetsOf(id, length).subarray(length >> 1)],
});
const sizes = [0, 1, 23, 24, 25, 4096, 70_000, 300_000];

test('a record tells its blob and length, and whether a bit has turned', () => {
  const { blob, sealed } = body(2 ** 52 + 77, 1000);
  const record = Buffer.concat([Buffer.alloc(HEADER_BYTES), ...sealed]);
  writeHeader(record.subarray(0, HEADER_BYTES), blob, sealed);
  assert.deepEqual([readHeader(record)?.blob, readHeader(record)?.length, isIntact(record)], [blob, 1000, true]);
  for (const at of [0, 5, 9, 15, 17, 20, 24, 1023]) {
    const bad = Buffer.from(record);
    bad[at] = (bad[at] ?? 0) ^ 4;
    assert.equal(isIntact(bad), false, `octet ${at}`);
  }
  assert.equal(isIntact(record.subarray(0, 1000)), false);
});

test('bodies of all sizes come back, whole and in part, also after closing', () => {
  const dir = folder();
  const packs = new Packs(dir);
  const bodies = sizes.map((size, row) => body(row + 1, size));
  const places = [...packs.append(bodies.slice(0, 3)), ...packs.append(bodies.slice(3))];
  packs.close();
  const again = new Packs(dir);
  const more = again.append([body(99, 50)]);
  assert.equal(more[0]?.pack, places[0]?.pack);
  const reader = new PackReader(dir);
  bodies.forEach(({ sealed }, row) => {
    const place = places[row] as Place;
    assert.deepEqual(Buffer.from(reader.read(place, 0, 1e9) ?? []), Buffer.concat(sealed));
    assert.deepEqual(Buffer.from(reader.read(place, 2, 5) ?? []), Buffer.concat(sealed).subarray(2, 5));
    assert.equal(reader.read(place, 1e9, 2e9)?.length, 0);
  });
  assert.deepEqual(Buffer.from(reader.read(more[0] as Place, 0, 50) ?? []), octetsOf(99, 50));
  assert.equal(reader.read({ pack: 12345, offset: 24, length: 1 }, 0, 1), undefined);
  reader.close();
  again.close();
});

test('more bodies than the system takes in one write', () => {
  const packs = new Packs(folder());
  const bodies = Array.from({ length: 1500 }, (_, row) => body(row, 10 + (row % 90)));
  const places = packs.append(bodies);
  const reader = new PackReader(packs.dir);
  for (const row of [0, 511, 512, 513, 1024, 1499]) {
    assert.deepEqual(Buffer.from(reader.read(places[row] as Place, 0, 1000) ?? []), Buffer.concat(bodies[row]?.sealed ?? []));
  }
  reader.close();
  packs.close();
});

test('after a crash writing goes on where the whole records end, whatever lies behind', () => {
  const tails: [string, (path: string, end: number) => void][] = [
    ['the zeros written ahead are gone', (path, end) => truncateSync(path, end)],
    ['half a header', (path, end) => (truncateSync(path, end), appendFileSync(path, Buffer.from('EPb1123')))],
    [
      'a header without its body',
      (path, end) => (truncateSync(path, end), appendFileSync(path, readFileSync(path).subarray(0, HEADER_BYTES + 10))),
    ],
    ['noise', (path, end) => (truncateSync(path, end), appendFileSync(path, Buffer.alloc(5000, 0xa7)))],
  ];
  for (const [name, tear] of tails) {
    const dir = folder();
    const first = new Packs(dir);
    const [kept] = first.append([body(1, 700)]) as [Place];
    first.close();
    tear(packPath(dir, kept.pack), kept.offset + kept.length);
    const second = new Packs(dir);
    const [next] = second.append([body(2, 300)]) as [Place];
    second.close();
    assert.equal(next.offset, kept.offset + kept.length + HEADER_BYTES, name);
    const reader = new PackReader(dir);
    assert.deepEqual(Buffer.from(reader.read(kept, 0, 700) ?? []), octetsOf(1, 700), name);
    assert.deepEqual(Buffer.from(reader.read(next, 0, 300) ?? []), octetsOf(2, 300), name);
    reader.close();
  }
});

test('a full pack is left and the next one begun', () => {
  const packs = new Packs(folder(), 10_000);
  const places = Array.from({ length: 10 }, (_, row) => packs.append([body(row, 4000)])[0]?.pack);
  assert.deepEqual(places, [1, 1, 1, 2, 2, 2, 3, 3, 3, 4]);
  packs.close();
  const again = new Packs(packs.dir, 10_000);
  assert.deepEqual([again.active, again.nextNumber()], [4, 5]);
  again.close();
});

test('a large body has a pack of its own; an unfinished one is gone at the next start', async () => {
  const packs = new Packs(folder());
  const large = await LargeBody.open(packs, 5 as BlobId);
  for (let part = 0; part < 10; part++) await large.write([Buffer.alloc(50_000, 'x'), Buffer.from('y')]);
  const place = await large.finish();
  const half = await LargeBody.open(packs, 6 as BlobId);
  await half.write([Buffer.from('half')]);
  const dropped = await LargeBody.open(packs, 7 as BlobId);
  await dropped.write([Buffer.from('dropped')]);
  await dropped.abort();
  assert.ok(isIntact(readFileSync(packPath(packs.dir, place.pack))));
  packs.close();
  const again = new Packs(packs.dir);
  assert.deepEqual(readdirSync(packs.dir), [`${place.pack}.pack`]);
  const reader = new PackReader(packs.dir);
  assert.equal(Buffer.from(reader.read(place, 49_999, 50_003) ?? []).toString(), 'xyxx');
  reader.close();
  again.close();
  await half.abort();
});

test('rewriting keeps what is wanted, step by step, and removes the file', () => {
  const packs = new Packs(folder(), 4_000_000);
  const bodies = Array.from({ length: 10 }, (_, row) => body(row + 1, 450_000));
  const places = packs.append(bodies);
  packs.append([body(50, 10)]);
  const [pack] = packNumbers(packs.dir) as [number];
  assert.deepEqual(
    wasteful(
      packs.dir,
      new Map([
        [pack, 4_500_000],
        [2, 300_000],
      ]),
    ),
    [],
  );
  assert.deepEqual(
    wasteful(
      packs.dir,
      new Map([
        [pack, 2_000_000],
        [2, 300_000],
      ]),
    ),
    [pack],
  );
  const steps = [...moveOut(packs, pack, (blob, from) => blob % 2 === 0 && from.offset === places[blob - 1]?.offset)];
  assert.deepEqual(
    steps.map((step) => step.map(({ blob }) => blob)),
    [
      [2, 4, 6],
      [8, 10],
    ],
  );
  for (const { blob, sealed } of steps.flat()) assert.deepEqual(Buffer.concat(sealed), Buffer.concat(bodies[blob - 1]?.sealed ?? []));
  removePack(packs, pack);
  assert.equal(existsSync(packPath(packs.dir, pack)), false);
  packs.close();
});

test('a write that fails keeps nothing and leaves the pack as it was', () => {
  const packs = new Packs(folder());
  const [first] = packs.append([body(1, 100)]) as [Place];
  const bad = { blob: 2 as BlobId, sealed: ['not octets' as unknown as Uint8Array] };
  assert.throws(() => packs.append([body(3, 10), bad]));
  const [next] = packs.append([body(4, 100)]) as [Place];
  assert.equal(next.offset, first.offset + first.length + HEADER_BYTES);
  packs.close();
});

test('files that are not packs are left alone', () => {
  const dir = folder();
  new Packs(dir).close();
  writeFileSync(join(dir, 'README'), 'hello');
  writeFileSync(join(dir, 'x7.pack'), 'hello');
  assert.deepEqual(packNumbers(dir), []);
});
