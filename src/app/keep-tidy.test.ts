import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeClock, fakeClock } from '../adapter/memory/clock.ts';
import { seededDice } from '../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../adapter/memory/key-maker.ts';
import { memoryStore } from '../adapter/memory/store.ts';
import { IdMaker, JOURNEY_RANDOM_BYTES, journeyId, type OwnerId, SERVER_OWNER } from '../core/ids.ts';
import { isRefusal, type Refusal } from '../core/refusal.ts';
import { openAccounts } from '../service/accounts/accounts.ts';
import { openJournal, openReader, type Viewer } from '../service/journey/journey.ts';
import { keepTidy } from './keep-tidy.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 23);

function value<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`refused: ${result.refusal}`);
  return result;
}

/** A school and a council with a person each, and a journey of everybody's every day. */
async function town() {
  const clock: FakeClock = fakeClock(START);
  const dice = seededDice('tidy');
  const store = memoryStore({ now: clock.now });
  const keyring = memoryKeyMaker(dice);
  const ids = new IdMaker(clock.now);
  const hasher = { decoy: '', hash: async () => 'x', verify: async () => false, scramKeys: async () => ({ stored: '', server: '' }) };
  const accounts = await openAccounts({ store: store.directory, keys: keyring, clock, dice, ids, hasher });
  const journal = openJournal({ keyring, ids });
  const reader = openReader({ store, keyring, accounts: { organisationOf: (account) => accounts.person(account)?.organisation } });
  const settle = async (name: string) => {
    const { organisation } = value(await accounts.addOrganisation({ name, language: 'nl' }));
    value(await accounts.addDomain({ organisation, name: `${name}.example` }));
    const person = { organisation, address: `ann@${name}.example`, name: 'Ann', password: 'purple tractor sings' };
    const [{ account } = assert.fail('nobody')] = value(await accounts.addPeople([person]));
    return { organisation, account };
  };
  const [school, council] = [await settle('school'), await settle('council')];
  const troubles: unknown[] = [];
  const stop = keepTidy({ store, accounts, clock, onTrouble: (where, error) => troubles.push([where, error]) });
  const happen = async (): Promise<void> => {
    const at = clock.now();
    const steps = [{ kind: 'filed', at, recipient: 'ann@school.example', folder: 'INBOX', role: 'inbox' }] as const;
    const journey = journeyId(at, dice.bytes(JOURNEY_RANDOM_BYTES));
    const places: [OwnerId, typeof school.organisation | null][] = [
      [school.account, school.organisation],
      [council.account, council.organisation],
      [SERVER_OWNER, null],
    ];
    for (const [owner, organisation] of places)
      for (const row of journal.rows({ owner, organisation, journey, steps })) await store.journeys(row.owner).add([row]);
  };
  const daysOf = async (viewer: Viewer): Promise<number> => (await reader.list(viewer, { limit: 200 })).length;
  const all = async (): Promise<number[]> =>
    Promise.all([
      daysOf({ as: 'person', account: school.account }),
      daysOf({ as: 'admin', organisation: school.organisation }),
      daysOf({ as: 'person', account: council.account }),
      daysOf({ as: 'admin', organisation: council.organisation }),
      daysOf({ as: 'operator' }),
    ]);
  const live = async (days: number): Promise<void> => {
    for (let day = 0; day < days; day++) {
      await happen();
      await clock.advance(DAY);
    }
  };
  return { clock, accounts, school, council, troubles, stop, live, all };
}

test('journeys are kept as long as each organisation says: its people’s, its admins’, and thirty days for the server’s own', async () => {
  const of = await town();
  await of.live(40);
  assert.deepEqual(await of.all(), [30, 30, 30, 30, 30]);
  value(await of.accounts.changeOrganisation(of.school.organisation, { journeyDays: 7 }));
  value(await of.accounts.changeOrganisation(of.council.organisation, { journeyDays: 90 }));
  await of.clock.advance(3_600_000);
  assert.deepEqual(await of.all(), [6, 6, 30, 30, 29], 'within the hour');
  await of.live(60);
  assert.deepEqual(await of.all(), [7, 7, 89, 89, 30]);
  assert.deepEqual(of.troubles, []);
  of.stop();
  await of.live(3);
  assert.deepEqual(await of.all(), [10, 10, 92, 92, 33], 'nobody tidies any more');
});

test('a tidying that fails is trouble, and the next one comes all the same', async () => {
  const clock = fakeClock(START);
  const troubles: string[] = [];
  let times = 0;
  const store = { tidy: async () => (++times === 1 ? Promise.reject(new Error('no disk')) : undefined) };
  keepTidy({ store, accounts: { organisation: () => undefined }, clock, onTrouble: (where) => troubles.push(where) });
  await clock.advance(3 * 3_600_000);
  assert.deepEqual([times, troubles], [3, ['tidy']]);
});
