import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { type FakeClock, fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { IdMaker, type OrganisationId } from '../../core/ids.ts';
import type { KeyMaker } from '../../core/ports/key-maker.ts';
import type { DirectoryStore } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { Admission, Attempt, Person, Scope, SignedIn } from './accounts.ts';
import type { LiveAccounts } from './live-accounts.ts';
import { openAccounts } from './open-accounts.ts';
import { type PasswordHasher, SCRAM_ITERATIONS, scramKeys } from './password-hasher.ts';
import { readRecord, writeRecord } from './records.ts';
import { GUESS_LIMITS, HALF_LIFE_MS, Throttle } from './throttle.ts';

const GOOD = 'purple tractor sings loudly';
const HOME = '198.51.100.7';

type Hasher = PasswordHasher & { calls: string[]; hold: Promise<void> | undefined };

function fakeHasher(): Hasher {
  let made = 0;
  const hasher: Hasher = {
    calls: [],
    hold: undefined,
    decoy: 'decoy',
    hash: async (password) => `hash ${++made} ${password}`,
    async verify(hashed, password) {
      hasher.calls.push(hashed === 'decoy' ? 'decoy' : 'real');
      await hasher.hold;
      return hashed !== 'decoy' && hashed.slice(hashed.indexOf(' ', 5) + 1) === password;
    },
    scramKeys,
  };
  return hasher;
}

type Scene = {
  accounts: LiveAccounts;
  clock: FakeClock;
  hasher: Hasher;
  noor: Person;
  school: OrganisationId;
  directory: DirectoryStore;
  keys: KeyMaker;
  reopen(): Promise<LiveAccounts>;
};

function value<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`refused: ${result.refusal} ${JSON.stringify(result.facts)}`);
  return result;
}

async function scene(): Promise<Scene> {
  const clock = fakeClock(Date.UTC(2026, 10, 23));
  const dice = seededDice('sign-in');
  const { directory } = memoryStore();
  const keys = memoryKeyMaker(dice);
  const hasher = fakeHasher();
  const ids = new IdMaker(() => clock.now());
  const reopen = (): Promise<LiveAccounts> => openAccounts({ store: directory, keys, clock, dice, ids, hasher });
  const accounts = await reopen();
  const { organisation: school } = value(await accounts.addOrganisation({ name: 'School', language: 'en' }));
  value(await accounts.addDomain({ organisation: school, name: 'one.example' }));
  value(await accounts.addDomain({ organisation: school, name: 'two.example' }));
  const people = value(await accounts.addPeople([{ organisation: school, address: 'noor@one.example', name: 'Noor', password: GOOD }]));
  const [noor] = people;
  assert.ok(noor);
  return { accounts, clock, hasher, noor, school, directory, keys, reopen };
}

const from = (ip: string, protocol: Scope = 'imap'): Attempt => ({ protocol, ip });
/** Who it is, without what they hold. */
function who(result: Admission | Refusal): SignedIn {
  const { hold, ...signedIn } = value(result);
  assert.equal(hold.lost, undefined);
  return signedIn;
}
const name = (result: SignedIn | Refusal | object): string => (isRefusal(result) ? result.refusal : 'in');

test('the right password opens under every form of the name, the wrong one under none', async () => {
  const { accounts, noor } = await scene();
  for (const login of ['noor@one.example', 'NOOR@One.Example', ' noor@one.example ', 'noor', 'Noor']) {
    const result = await accounts.signIn.withPassword(login, GOOD, from(HOME));
    assert.deepEqual(who(result), { person: noor, credential: { kind: 'password' } }, login);
  }
  for (const login of ['noor@two.example', 'noor+x@one.example', '@', '', 'noor@', 'x'.repeat(5000), 'noor@one.example@one.example']) {
    assert.equal(name(await accounts.signIn.withPassword(login, GOOD, from('203.0.113.9'))), 'wrongPassword', login.slice(0, 40));
  }
  for (const wrong of ['', `${GOOD} `, GOOD.toUpperCase(), 'x'.repeat(100_000)]) {
    assert.equal(name(await accounts.signIn.withPassword('noor', wrong, from(HOME))), 'wrongPassword');
  }
});

test('a bare name that two domains have is nobody’s', async () => {
  const { accounts, school } = await scene();
  value(await accounts.addPeople([{ organisation: school, address: 'noor@two.example', name: '', password: GOOD }]));
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'wrongPassword');
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'wrongPassword');
  // What was remembered of the bare name does not stand in the way of the full one.
  assert.equal(name(await accounts.signIn.withPassword('noor@one.example', GOOD, from(HOME))), 'in');
  assert.equal(name(await accounts.signIn.withPassword('noor@two.example', GOOD, from(HOME))), 'in');
});

test('a name that does not exist costs exactly what one that does', async () => {
  const { accounts, hasher } = await scene();
  const cost = async (login: string, password: string): Promise<number> => {
    const before = hasher.calls.length;
    await accounts.signIn.withPassword(login, password, from(HOME));
    return hasher.calls.length - before;
  };
  for (const password of ['wrong', 'x'.repeat(5000), '7k2mq-x9d4t-0hwbz-c5rva', '']) {
    const costs = [
      await cost('noor@one.example', password),
      await cost('ghost@one.example', password),
      await cost('ghost', password),
      await cost('ghost@far.example', password),
    ];
    assert.deepEqual(costs, [1, 1, 1, 1], password.slice(0, 30));
  }
  // And again with the same wrong password: remembered for both.
  await cost('noor@one.example', 'again');
  await cost('ghost@one.example', 'again');
  assert.deepEqual([await cost('noor@one.example', 'again'), await cost('ghost@one.example', 'again')], [0, 0]);
  assert.ok(hasher.calls.includes('decoy') && hasher.calls.includes('real'));
});

test('a verified password is remembered for minutes, and forgotten on any change', async () => {
  const { accounts, clock, hasher, noor } = await scene();
  const go = async (password = GOOD): Promise<[string, number]> => {
    const before = hasher.calls.length;
    const result = name(await accounts.signIn.withPassword('noor', password, from(HOME)));
    return [result, hasher.calls.length - before];
  };
  assert.deepEqual(await go(), ['in', 1]);
  assert.deepEqual(await go(), ['in', 0]);
  assert.deepEqual(await go('wrong'), ['wrongPassword', 1]);
  assert.deepEqual(await go(), ['in', 0]);
  await clock.advance(11 * 60_000);
  assert.deepEqual(await go(), ['in', 1]);
  value(await accounts.changePerson(noor.account, { name: 'Noor B.' }));
  assert.deepEqual(await go(), ['in', 1]);
  value(await accounts.changePerson(noor.account, { password: 'another long password' }));
  assert.deepEqual(await go(), ['wrongPassword', 1]);
  assert.deepEqual(await go('another long password'), ['in', 1]);
  value(await accounts.changePerson(noor.account, { password: GOOD }));
  assert.deepEqual(await go(), ['in', 1]);
  value(await accounts.changePerson(noor.account, { state: 'closed' }));
  assert.deepEqual(await go(), ['accountClosed', 1]);
  assert.deepEqual(await go('wrong'), ['wrongPassword', 1]);
});

test('a password we made is kept cheaply, opens under every spelling, and a wrong one costs as much as ever', async () => {
  const { accounts, school, hasher } = await scene();
  const hashed: string[] = [];
  const hash = hasher.hash;
  hasher.hash = (password) => hash(password).then((text) => (hashed.push(text), text));
  const made = accounts.makePassword();
  assert.match(made.made, /^[0-9a-z]{5}(-[0-9a-z]{5}){3}$/);
  const lookalike = accounts.makePassword().made;
  const [bram] = value(
    await accounts.addPeople([
      { organisation: school, address: 'bram@one.example', name: 'Bram', password: made },
      { organisation: school, address: 'emma@one.example', name: 'Emma', password: lookalike },
    ]),
  );
  assert.ok(bram);
  // What was given from outside pays in full, whatever it looks like.
  assert.equal(hashed.length, 1);
  assert.equal(name(await accounts.signIn.withPassword('emma', lookalike, from(HOME))), 'in');
  hasher.calls.length = 0;
  for (const typed of [made.made, made.made.toUpperCase(), made.made.replaceAll('-', ' ')])
    assert.deepEqual(
      who(await accounts.signIn.withPassword('bram', typed, from(HOME))),
      { person: bram, credential: { kind: 'password' } },
      typed,
    );
  assert.deepEqual(hasher.calls, []);
  for (const wrong of [accounts.makePassword().made, 'wrong', '']) {
    hasher.calls.length = 0;
    assert.equal(name(await accounts.signIn.withPassword('bram', wrong, from(HOME))), 'wrongPassword');
    assert.deepEqual(hasher.calls, ['decoy']);
  }
  const offer = value(accounts.signIn.scram('bram', from(HOME)));
  assert.equal(offer.iterations, SCRAM_ITERATIONS);
  assert.deepEqual(who(offer.finish(fits(made.made, offer))), { person: bram, credential: { kind: 'password' } });
  const again = accounts.makePassword();
  value(await accounts.changePerson(bram.account, { password: again }));
  assert.equal(name(await accounts.signIn.withPassword('bram', made.made, from(HOME))), 'wrongPassword');
  assert.equal(name(await accounts.signIn.withPassword('bram', again.made, from(HOME))), 'in');
  value(await accounts.changePerson(bram.account, { password: GOOD }));
  assert.equal(name(await accounts.signIn.withPassword('bram', again.made, from(HOME))), 'wrongPassword');
  assert.equal(name(await accounts.signIn.withPassword('bram', GOOD, from(HOME))), 'in');
});

test('an old password that was being verified while it was changed is not remembered', async () => {
  const { accounts, hasher, noor } = await scene();
  let release = (): void => undefined;
  hasher.hold = new Promise((resolve) => {
    release = resolve;
  });
  const attempt = accounts.signIn.withPassword('noor', GOOD, from(HOME));
  await setImmediate();
  value(await accounts.changePerson(noor.account, { password: 'another long password' }));
  release();
  assert.equal(name(await attempt), 'wrongPassword');
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'wrongPassword');
});

test('ten thousand guesses from a thousand addresses do not lock out whoever lives there', async () => {
  const { accounts, clock, hasher } = await scene();
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  for (let guess = 0; guess < 10_000; guess++) {
    const ip = `10.${guess % 4}.${Math.floor(guess / 4) % 250}.9`;
    await accounts.signIn.withPassword('noor', `guess ${guess}`, from(ip));
    if (guess % 2_500 === 0) assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  }
  // The guesser got as far as the account's limit, not ten thousand times.
  assert.equal(hasher.calls.length, GUESS_LIMITS.account + 1);
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  // From a new place even the right password waits, then works.
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from('192.0.2.99'))), 'tooManyGuesses');
  await clock.advance(HALF_LIFE_MS);
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from('192.0.2.99'))), 'in');
});

test('one address that tries many names is stopped, and so is its network; others are not', async () => {
  const { accounts, clock } = await scene();
  const tries = async (ip: string, prefix: string, count: number): Promise<number> => {
    let asked = 0;
    for (let n = 0; n < count; n++) {
      if (name(await accounts.signIn.withPassword(`${prefix}${n}@one.example`, `pw ${n}`, from(ip))) === 'wrongPassword') asked++;
    }
    return asked;
  };
  assert.equal(await tries('203.0.113.5', 'a', 60), GUESS_LIMITS.address);
  assert.equal(await tries('203.0.113.6', 'b', 60), GUESS_LIMITS.address);
  assert.equal(await tries('203.0.113.7', 'c', 60), GUESS_LIMITS.address);
  assert.equal(await tries('203.0.113.8', 'd', 60), GUESS_LIMITS.network - 3 * GUESS_LIMITS.address);
  assert.equal(await tries('203.0.112.8', 'e', 5), 5);
  assert.equal(await tries('2001:db8:1:1::1', 'f', 20), 20);
  assert.equal(await tries('2001:db8:1:1:ffff::2', 'g', 20), GUESS_LIMITS.address - 20);
  assert.equal(await tries('2001:db8:1:2::1', 'h', 5), 5);
  await clock.advance(24 * HALF_LIFE_MS);
  assert.equal(await tries('203.0.113.5', 'i', 5), 5);
});

test('guesses sent all at once count one by one', async () => {
  const { accounts, hasher } = await scene();
  const guesses = Array.from({ length: 200 }, (_, n) => accounts.signIn.withPassword('noor', `guess ${n}`, from('203.0.113.5')));
  const results = (await Promise.all(guesses)).map(name);
  // Two are verified at a time, so one more may slip in beside the last.
  assert.ok(hasher.calls.length <= GUESS_LIMITS.account + 1, String(hasher.calls.length));
  assert.ok(results.includes('tooManyGuesses'));
});

test('a known place has its own count, and a phone with the old password does not use it up', async () => {
  const { accounts } = await scene();
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  for (let n = 0; n < 500; n++) await accounts.signIn.withPassword('noor', 'the old password', from(HOME));
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  let asked = 0;
  for (let n = 0; n < 100; n++) if (name(await accounts.signIn.withPassword('noor', `x${n}`, from(HOME))) === 'wrongPassword') asked++;
  assert.equal(asked, GUESS_LIMITS.knownPlace);
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'tooManyGuesses');
});

test('places are known after a restart, sealed and written in one go', async () => {
  const { accounts, clock, directory, reopen } = await scene();
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  await clock.advance(6_000);
  const rows = (await directory.load()).filter(({ kind }) => kind === 'habit');
  assert.equal(rows.length, 1);
  const again = await reopen();
  for (let n = 0; n < 100; n++) await again.signIn.withPassword('noor', `x${n}`, from('203.0.113.5'));
  assert.equal(name(await again.signIn.withPassword('noor', GOOD, from('192.0.2.99'))), 'tooManyGuesses');
  assert.equal(name(await again.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
});

test('app passwords open only what they were made for', async () => {
  const { accounts, noor, hasher } = await scene();
  const { appPassword, password } = value(
    await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap'], senders: [] }),
  );
  const before = hasher.calls.length;
  const result = await accounts.signIn.withPassword('noor', password.toUpperCase().replaceAll('-', ' '), from(HOME));
  assert.deepEqual(who(result), { person: noor, credential: { kind: 'appPassword', id: appPassword.id, senders: [] } });
  assert.equal(name(await accounts.signIn.withPassword('noor', password, from(HOME, 'smtp'))), 'notForThisProtocol');
  assert.equal(hasher.calls.length, before);
  assert.equal(accounts.appPasswords(noor.account)[0]?.lastUsedAt, Date.UTC(2026, 10, 23));
  await accounts.removeAppPassword(noor.account, appPassword.id);
  assert.equal(name(await accounts.signIn.withPassword('noor', password, from(HOME))), 'wrongPassword');
});

/** A client's proof (RFC 5802 §3) checked as a server does. */
function fits(
  password: string,
  offer: { salt: Uint8Array; iterations: number; credentials: readonly { storedKey: Uint8Array }[] },
): number | undefined {
  const salted = pbkdf2Sync(password, offer.salt, offer.iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const stored = createHash('sha256').update(clientKey).digest();
  const index = offer.credentials.findIndex(({ storedKey }) => Buffer.compare(storedKey, stored) === 0);
  return index < 0 ? undefined : index;
}

test('SCRAM: main and app passwords, scopes, failures, and one finish per offer', async () => {
  const { accounts, noor } = await scene();
  const { password } = value(await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap'] }));
  const offered = (protocol: Scope = 'imap') => value(accounts.signIn.scram('noor', from(HOME, protocol)));
  const offer = offered();
  assert.equal(offer.iterations, SCRAM_ITERATIONS);
  assert.equal(offer.credentials.length, 2);
  assert.equal(fits(GOOD, offer), 0);
  assert.equal(fits(password, offer), 1);
  assert.deepEqual(who(offer.finish(0)), { person: noor, credential: { kind: 'password' } });
  assert.throws(() => offer.finish(0), /twice/);
  assert.equal(name(offered().finish(1)), 'in');
  assert.equal(name(offered('smtp').finish(1)), 'notForThisProtocol');
  assert.equal(name(offered().finish(undefined)), 'wrongPassword');
  assert.equal(name(offered().finish(99)), 'wrongPassword');
  const stale = offered();
  value(await accounts.changePerson(noor.account, { password: 'another long password' }));
  assert.equal(name(stale.finish(0)), 'wrongPassword');
});

test('SCRAM: an app password is never taken for the main one, also where that has no keys', async () => {
  const { accounts, noor, directory, keys, reopen } = await scene();
  const { appPassword, password } = value(await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap'] }));
  for (const row of await directory.load()) {
    const record = readRecord(keys, row);
    if (record?.kind !== 'person') continue;
    const { scram: _, ...without } = record;
    await directory.write([{ do: 'put', row: writeRecord(keys, without as typeof record) }]);
  }
  const offer = value((await reopen()).signIn.scram('noor', from(HOME)));
  assert.equal(offer.credentials.length, 1);
  assert.deepEqual(who(offer.finish(fits(password, offer))), {
    person: noor,
    credential: { kind: 'appPassword', id: appPassword.id, senders: [] },
  });
});

test('SCRAM tells nobody which names exist', async () => {
  const { accounts, school, reopen } = await scene();
  const hex = (house: LiveAccounts, login: string): string =>
    Buffer.from(value(house.signIn.scram(login, from(HOME))).salt).toString('hex');
  const real = hex(accounts, 'noor@one.example');
  const ghost = hex(accounts, 'ghost@one.example');
  assert.equal(real.length, ghost.length);
  assert.notEqual(real, ghost);
  assert.equal(hex(accounts, 'Ghost@ONE.example'), ghost);
  assert.equal(hex(await reopen(), 'ghost@one.example'), ghost);
  assert.equal(value(accounts.signIn.scram('ghost', from(HOME))).iterations, SCRAM_ITERATIONS);
  // A bare name has the salt of the same name in one of the domains, be it nobody's, one's or two people's.
  const ofDomains = (local: string): string[] => [hex(accounts, `${local}@one.example`), hex(accounts, `${local}@two.example`)];
  assert.ok(ofDomains('ghost').includes(hex(accounts, 'ghost')));
  assert.equal(hex(accounts, 'noor'), real);
  value(await accounts.addPeople([{ organisation: school, address: 'noor@two.example', name: '', password: GOOD }]));
  assert.ok(ofDomains('noor').includes(hex(accounts, 'noor')));
});

test('SCRAM guesses count, also those begun beforehand', async () => {
  const { accounts } = await scene();
  const offers = Array.from({ length: 60 }, () => value(accounts.signIn.scram('noor', from('203.0.113.5'))));
  const results = offers.map((offer) => name(offer.finish(undefined)));
  assert.equal(results.filter((result) => result === 'wrongPassword').length, GUESS_LIMITS.account);
  assert.equal(name(accounts.signIn.scram('noor', from('203.0.113.5'))), 'tooManyGuesses');
});

test('counters fade by half in a half-life', () => {
  const clock = fakeClock(0);
  const throttle = new Throttle(clock);
  const guess = { who: 'a', ip: 'not an address', known: false };
  for (let n = 0; n < GUESS_LIMITS.account; n++) throttle.failed(guess);
  assert.ok(throttle.isBlocked(guess));
  clock.tick(HALF_LIFE_MS);
  for (let n = 0; n < GUESS_LIMITS.account / 2; n++) {
    assert.ok(!throttle.isBlocked(guess));
    throttle.failed(guess);
  }
  assert.ok(throttle.isBlocked(guess));
});

test('a disk that fails behind a sign-in is told of, and the habit written later', async () => {
  const { clock, directory, accounts } = await scene();
  const write = directory.write.bind(directory);
  directory.write = () => Promise.reject(new Error('disk gone'));
  assert.equal(name(await accounts.signIn.withPassword('noor', GOOD, from(HOME))), 'in');
  await clock.advance(6_000);
  directory.write = write;
  assert.equal((await directory.load()).filter(({ kind }) => kind === 'habit').length, 0);
  await accounts.close();
  assert.equal((await directory.load()).filter(({ kind }) => kind === 'habit').length, 1);
});
