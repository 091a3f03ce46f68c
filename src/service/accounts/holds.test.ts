/** Who is told that what they signed in with was taken away, and who is not. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { type AccountId, IdMaker } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Hold, Person, Scope } from './accounts.ts';
import { Holds } from './holds.ts';
import type { LiveAccounts } from './live-accounts.ts';
import { openAccounts } from './open-accounts.ts';

const GOOD = 'purple tractor sings loudly';
const NEW = 'green bicycle hums quietly';

function value<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`refused: ${result.refusal}`);
  return result;
}

type Scene = Readonly<{
  accounts: LiveAccounts;
  noor: Person;
  sam: Person;
  troubles: unknown[];
  /** Signs in and watches; what it is told goes under this name. */
  session(name: string, login: string, password: string, protocol?: Scope): Promise<() => void>;
  /** Who was told what since the last look. */
  told(): string[];
}>;

async function scene(): Promise<Scene> {
  const clock = fakeClock(Date.UTC(2026, 10, 23));
  const dice = seededDice('holds');
  const troubles: unknown[] = [];
  let made = 0;
  const hasher = {
    decoy: 'decoy',
    hash: async (password: string) => `hash ${++made} ${password}`,
    verify: async (hashed: string, password: string) => hashed.endsWith(` ${password}`),
    scramKeys: async () => ({ stored: '', server: '' }),
  };
  const accounts = await openAccounts({
    store: memoryStore().directory,
    keys: memoryKeyMaker(dice),
    clock,
    dice,
    ids: new IdMaker(() => clock.now()),
    hasher,
    onTrouble: (error) => void troubles.push(error),
  });
  const { organisation } = value(await accounts.addOrganisation({ name: 'School', language: 'en' }));
  value(await accounts.addDomain({ organisation, name: 'one.example' }));
  const people = ['noor', 'sam'].map((local) => ({ organisation, address: `${local}@one.example`, name: local, password: GOOD }));
  const [noor, sam] = value(await accounts.addPeople(people));
  assert.ok(noor && sam);
  let heard: string[] = [];
  return {
    accounts,
    noor,
    sam,
    troubles,
    async session(name, login, password, protocol = 'imap') {
      const { hold } = value(await accounts.signIn.withPassword(login, password, { protocol, ip: '192.0.2.1' }));
      return hold.watch(({ refusal }) => void heard.push(`${name} ${refusal}`));
    },
    told() {
      const all = heard;
      heard = [];
      return all;
    },
  };
}

test('a changed main password ends what was signed in with it, and nothing else', async () => {
  const { accounts, noor, session, told } = await scene();
  const { password } = value(await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap', 'smtp'] }));
  await session('desktop', 'noor', GOOD);
  await session('desktop sends', 'noor', GOOD, 'smtp');
  await session('phone', 'noor', password);
  await session('sam', 'sam', GOOD);
  value(await accounts.changePerson(noor.account, { password: NEW }));
  assert.deepEqual(told(), ['desktop passwordWithdrawn', 'desktop sends passwordWithdrawn']);
  await session('desktop again', 'noor', NEW);
  value(await accounts.changePerson(noor.account, { name: 'Noor B', quota: 5, admin: true, language: 'nl' }));
  assert.deepEqual(told(), []);
  // The same password, chosen again: whoever asks for that wants to be rid of somebody.
  value(await accounts.changePerson(noor.account, { password: NEW }));
  assert.deepEqual(told(), ['desktop again passwordWithdrawn']);
});

test('a removed app password ends what was signed in with it, and nothing else', async () => {
  const { accounts, noor, session, told } = await scene();
  const add = async (label: string) => value(await accounts.addAppPassword({ account: noor.account, label, scopes: ['imap', 'smtp'] }));
  const [phone, tablet] = [await add('Phone'), await add('Tablet')];
  await session('desktop', 'noor', GOOD);
  await session('phone', 'noor', phone.password);
  await session('phone sends', 'noor', phone.password, 'smtp');
  await session('tablet', 'noor', tablet.password);
  assert.equal(accounts.sessions, 4);
  await add('Third');
  assert.deepEqual(told(), []);
  assert.equal(await accounts.removeAppPassword(noor.account, phone.appPassword.id), undefined);
  assert.deepEqual(told(), ['phone passwordWithdrawn', 'phone sends passwordWithdrawn']);
  assert.equal(accounts.sessions, 2);
});

test('a closed or removed account ends all of its sessions, once', async () => {
  const { accounts, noor, sam, session, told } = await scene();
  const { password } = value(await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap'] }));
  await session('desktop', 'noor', GOOD);
  await session('phone', 'noor', password);
  await session('sam', 'sam', GOOD);
  value(await accounts.changePerson(noor.account, { state: 'closed' }));
  assert.deepEqual(told(), ['desktop accountClosedNow', 'phone accountClosedNow']);
  value(await accounts.changePerson(noor.account, { state: 'open' }));
  value(await accounts.changePerson(noor.account, { state: 'closed', password: NEW }));
  assert.deepEqual(told(), []);
  assert.equal(await accounts.removePerson(sam.account), undefined);
  assert.deepEqual(told(), ['sam accountClosedNow']);
  assert.equal(accounts.sessions, 0);
});

test('paused sending ends sessions that send; who signs in after that stays to be told', async () => {
  const { accounts, noor, session, told } = await scene();
  await session('reads', 'noor', GOOD);
  await session('sends', 'noor', GOOD, 'smtp');
  value(await accounts.changePerson(noor.account, { state: 'sendingPaused' }));
  assert.deepEqual(told(), ['sends sendingPausedNow']);
  await session('sends again', 'noor', GOOD, 'smtp');
  value(await accounts.changePerson(noor.account, { name: 'Noor B' }));
  value(await accounts.changePerson(noor.account, { state: 'open' }));
  assert.deepEqual(told(), []);
});

test('who lets go is not told, and leaves nothing behind', async () => {
  const { accounts, noor, session, told } = await scene();
  for (let round = 0; round < 100; round++) {
    const letGo = await session('short', 'noor', GOOD);
    assert.equal(accounts.sessions, 1);
    letGo();
    letGo();
    assert.equal(accounts.sessions, 0);
  }
  value(await accounts.changePerson(noor.account, { state: 'closed' }));
  assert.deepEqual(told(), []);
});

test('what was lost before anybody watched is told all the same', async () => {
  const { accounts, noor, told } = await scene();
  const admitted = async (): Promise<Hold> =>
    value(await accounts.signIn.withPassword('noor', GOOD, { protocol: 'imap', ip: '192.0.2.1' })).hold;
  const [hold, left] = [await admitted(), await admitted()];
  const why = (): string | undefined => hold.lost?.refusal;
  assert.equal(why(), undefined);
  value(await accounts.changePerson(noor.account, { password: NEW }));
  assert.equal(why(), 'passwordWithdrawn');
  const heard: string[] = [];
  hold.watch(({ refusal }) => void heard.push(refusal));
  left.watch(() => assert.fail('let go'))();
  assert.deepEqual(heard, [], 'not in the midst of signing in');
  await setImmediate();
  assert.deepEqual([heard, told(), accounts.sessions], [['passwordWithdrawn'], [], 0]);
});

test('a password that is changed while the old one is being looked at lets nobody in', async () => {
  const { accounts, noor } = await scene();
  const attempts = Array.from({ length: 5 }, () => accounts.signIn.withPassword('noor', GOOD, { protocol: 'imap', ip: '192.0.2.1' }));
  value(await accounts.changePerson(noor.account, { password: NEW }));
  for (const outcome of await Promise.all(attempts)) {
    // Before it, perhaps: then what is held has been lost.
    if (!isRefusal(outcome)) assert.equal(outcome.hold.lost?.refusal, 'passwordWithdrawn');
  }
});

test('a session that breaks does not keep the others open', () => {
  const troubles: unknown[] = [];
  const holds = new Holds((error) => void troubles.push(error));
  const account = 7 as AccountId;
  let isLost = false;
  const hold = holds.of(account, () => (isLost ? refuse('accountClosedNow') : undefined));
  const told: string[] = [];
  hold.watch(() => {
    throw new Error('broken');
  });
  let letGo = (): void => undefined;
  hold.watch(() => {
    told.push('first');
    letGo();
  });
  letGo = hold.watch(() => void told.push('second'));
  holds.review(account);
  isLost = true;
  holds.review(8 as AccountId);
  assert.deepEqual([told, troubles.length, holds.count], [[], 0, 3]);
  holds.review(account);
  assert.deepEqual([told, troubles.length, holds.count], [['first'], 1, 0]);
});
