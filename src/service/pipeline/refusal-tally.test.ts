import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { Fault } from '../../core/fault.ts';
import { IdMaker, type OrganisationId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import { openJournal, openReader, type Tallied, tallied, type Viewer } from '../journey/journey.ts';
import { RefusalTally, type Untold } from './refusal-tally.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NINE = Date.UTC(2026, 2, 2, 9);
const SCHOOL = 11 as OrganisationId;
const COUNCIL = 12 as OrganisationId;
const OPERATOR: Viewer = { as: 'operator' };

type Breaks = 'no' | 'before' | 'after';

/** A tally over a store that counts commits, and fails before or after them when told to. */
function scene() {
  const clock = fakeClock(NINE);
  const dice = seededDice('tally');
  const keyring = memoryKeyring(dice);
  for (const owner of [SCHOOL, COUNCIL]) keyring.add(owner);
  const store = memoryStore({ now: clock.now });
  const journal = openJournal({ keyring, ids: new IdMaker(clock.now) });
  const reader = openReader({ store, keyring, accounts: { organisationOf: () => undefined } });
  const writes: number[] = [];
  const troubles: unknown[] = [];
  const disk: { breaks: Breaks } = { breaks: 'no' };
  const journeys: Store['journeys'] = (owner) => {
    const real = store.journeys(owner);
    return {
      read: (query) => real.read(query),
      async add(rows) {
        writes.push(clock.now());
        if (disk.breaks === 'before') throw new Fault('unavailable', 'no disk');
        await real.add(rows);
        if (disk.breaks === 'after') throw new Fault('unknown', 'no answer');
      },
    };
  };
  const open = (): RefusalTally =>
    new RefusalTally({ store: { journeys }, journal, clock, onTrouble: (error) => void troubles.push(error) });
  const talliesOf = async (viewer: Viewer): Promise<Tallied[]> =>
    (await reader.list(viewer, { limit: 200 })).flatMap(({ steps }) => steps.filter((step) => step.kind === 'tallied')).reverse();
  const one = (more: Partial<Untold> = {}): Untold => ({
    at: clock.now(),
    refusal: 'noSuchUser',
    organisation: SCHOOL,
    cause: { network: '192.0.2.0/24' },
    to: [],
    ...more,
  });
  return { clock, writes, troubles, disk, open, one, talliesOf };
}

const admin = (organisation: OrganisationId): Viewer => ({ as: 'admin', organisation });
const totals = (tallies: readonly Tallied[]): number[] => tallies.map(tallied);

test('refusals are counted by hour, organisation, name and network, and for the whole server', async () => {
  const { clock, open, one, talliesOf } = scene();
  const tally = open();
  for (let n = 0; n < 400; n++) tally.count(one());
  for (let n = 0; n < 12; n++)
    tally.count(one({ refusal: 'mailboxFull', cause: { network: '198.51.100.0/24' }, to: ['noor@school.example'] }));
  tally.count(one({ organisation: COUNCIL, refusal: 'tooBig', cause: { sender: 'otto@council.example' } }));
  tally.count(one({ organisation: null, refusal: 'notARelay' }));
  await clock.advance(MINUTE);
  const [school, ...more] = await talliesOf(admin(SCHOOL));
  assert.deepEqual(more, []);
  assert.deepEqual(school, {
    kind: 'tallied',
    at: NINE + MINUTE,
    of: 'organisation',
    from: NINE,
    until: NINE + HOUR,
    refusals: { noSuchUser: 400, mailboxFull: 12 },
    causes: { '192.0.2.0/24': 400, '198.51.100.0/24': 12 },
    otherCauses: 0,
    to: ['noor@school.example'],
    toMore: false,
  });
  assert.deepEqual((await talliesOf(admin(COUNCIL)))[0]?.causes, { 'otto@council.example': 1 });
  const [server] = await talliesOf(OPERATOR);
  assert.deepEqual(server?.refusals, { noSuchUser: 400, mailboxFull: 12, tooBig: 1, notARelay: 1 });
  assert.deepEqual([server?.of, server?.otherCauses, server?.to], ['server', 1, []], 'nobody’s address');
  assert.ok(!JSON.stringify(server).includes('@'));
  await tally.flush();
});

test('a flood is written once a minute, and not at all when nothing was counted', async () => {
  const { clock, writes, open, one, talliesOf } = scene();
  const tally = open();
  for (let second = 0; second < 600; second++) {
    for (let n = 0; n < 50; n++) tally.count(one());
    await clock.advance(1_000);
  }
  await clock.advance(MINUTE);
  // Two owners: the organisation and the server.
  assert.equal(writes.length, 20);
  assert.ok(new Set(writes).size === 10);
  assert.deepEqual(totals(await talliesOf(admin(SCHOOL))), [30_000]);
  await clock.advance(HOUR);
  assert.equal(writes.length, 20);
  assert.equal(clock.waiting(), 0);
});

test('each hour has its own total, the minute across its end too, and totals add up after a restart', async () => {
  const { clock, open, one, talliesOf } = scene();
  const before = open();
  await clock.advance(HOUR - 30_000);
  for (let n = 0; n < 3; n++) before.count(one({ to: ['noor@school.example'] }));
  await before.flush();
  const tally = open();
  tally.count(one({ to: ['noor@school.example', 'anna@school.example'] }));
  await clock.advance(30_000);
  tally.count(one({ to: ['bram@school.example'] }));
  await clock.advance(MINUTE);
  const found = await talliesOf(admin(SCHOOL));
  assert.deepEqual(totals(found), [4, 1]);
  assert.deepEqual(
    found.map(({ from, until, to }) => [from, until, to]),
    [
      [NINE, NINE + HOUR, ['noor@school.example', 'anna@school.example']],
      [NINE + HOUR, NINE + 2 * HOUR, ['bram@school.example']],
    ],
  );
});

for (const breaks of ['before', 'after'] as const) {
  test(`a disk that fails ${breaks} the commit loses nothing and counts nothing twice`, async () => {
    const { clock, disk, troubles, open, one, talliesOf } = scene();
    const tally = open();
    for (let n = 0; n < 7; n++) tally.count(one());
    disk.breaks = breaks;
    await clock.advance(3 * MINUTE);
    for (let n = 0; n < 5; n++) tally.count(one());
    await clock.advance(2 * MINUTE);
    assert.equal(troubles.length, 5);
    disk.breaks = 'no';
    await clock.advance(2 * MINUTE);
    assert.deepEqual(totals(await talliesOf(admin(SCHOOL))), [12]);
    assert.deepEqual(totals(await talliesOf(OPERATOR)), [12]);
    assert.equal(troubles.length, 5);
  });
}

test('SECURITY: networks and people are bounded, and the sums stay whole', async () => {
  const { clock, open, one, talliesOf } = scene();
  const tally = open();
  for (let n = 0; n < 5_000; n++) {
    const network = n % 4 === 0 ? '192.0.2.0/24' : `10.${n >> 8}.${n & 255}.0/24`;
    tally.count(one({ cause: { network }, to: [`p${n}@school.example`] }));
  }
  await clock.advance(MINUTE);
  for (let n = 0; n < 100; n++)
    tally.count(one({ cause: { network: `172.16.${n}.0/24` }, to: ['p0@school.example', 'late@school.example'] }));
  await clock.advance(MINUTE);
  const [school] = await talliesOf(admin(SCHOOL));
  assert.ok(school !== undefined);
  assert.equal(tallied(school), 5_100);
  assert.equal(school.causes['192.0.2.0/24'], 1_250);
  assert.ok(Object.keys(school.causes).length <= 50);
  assert.equal(
    Object.values(school.causes).reduce((sum, count) => sum + count, school.otherCauses),
    5_100,
  );
  assert.deepEqual([school.to.length, school.toMore], [200, true]);
});

test('names from outside are names: nothing of an object is touched by them', async () => {
  const { clock, open, one, talliesOf } = scene();
  const tally = open();
  for (const sender of ['__proto__', 'constructor', 'toString']) for (let n = 0; n < 2; n++) tally.count(one({ cause: { sender } }));
  await clock.advance(MINUTE);
  tally.count(one({ cause: { sender: '__proto__' } }));
  await clock.advance(MINUTE);
  const [school] = await talliesOf(admin(SCHOOL));
  assert.deepEqual(Object.entries(school?.causes ?? {}), [
    ['__proto__', 3],
    ['constructor', 2],
    ['toString', 2],
  ]);
});
