import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeClock, fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { splitAddress } from '../../core/address.ts';
import { type AccountId, IdMaker, type OrganisationId } from '../../core/ids.ts';
import { DEFAULT_MAILBOXES, nameKey, openName } from '../../core/mailbox-name.ts';
import type { KeyMaker } from '../../core/ports/key-maker.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { NewPerson, Person, Resolution } from './accounts.ts';
import type { LiveAccounts } from './live-accounts.ts';
import { openAccounts } from './open-accounts.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { parseRoute, routeText } from './relay-route.ts';

const START = Date.UTC(2026, 10, 23);
const GOOD = 'purple tractor sings loudly';

/** Cheap hashes that remember the calls. */
function countingHasher(): PasswordHasher & { verified: string[]; hashed: number } {
  const hasher = {
    verified: [] as string[],
    hashed: 0,
    decoy: 'decoy',
    hash: async (password: string) => `hash ${++hasher.hashed} ${password}`,
    verify: async (hashed: string, password: string) => {
      hasher.verified.push(hashed);
      return hashed.startsWith('hash ') && hashed.endsWith(` ${password}`);
    },
    scramKeys: async (password: string, salt: Uint8Array) => ({
      stored: Buffer.from(`${password}${Buffer.from(salt).toString('hex')}`).toString('hex'),
      server: '00',
    }),
  };
  return hasher;
}

type Scene = {
  accounts: LiveAccounts;
  store: Store;
  keys: KeyMaker;
  clock: FakeClock;
  hasher: ReturnType<typeof countingHasher>;
  school: OrganisationId;
  reopen(): Promise<LiveAccounts>;
  add(address: string, more?: Partial<NewPerson>): Promise<Person>;
};

function value<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`refused: ${result.refusal} ${JSON.stringify(result.facts)}`);
  return result;
}

async function scene(): Promise<Scene> {
  const clock = fakeClock(START);
  const dice = seededDice('accounts');
  const store = memoryStore();
  const keys = memoryKeyMaker(dice);
  const hasher = countingHasher();
  const ids = new IdMaker(() => clock.now());
  const reopen = (): Promise<LiveAccounts> => openAccounts({ store: store.directory, keys, clock, dice, ids, hasher });
  const accounts = await reopen();
  const { organisation: school } = value(await accounts.addOrganisation({ name: 'De Regenboog', language: 'nl' }));
  value(await accounts.addDomain({ organisation: school, name: 'Example.ORG' }));
  const add = async (address: string, more: Partial<NewPerson> = {}): Promise<Person> => {
    const [person] = value(await accounts.addPeople([{ organisation: school, address, name: '', password: GOOD, ...more }]));
    assert.ok(person);
    return person;
  };
  return { accounts, store, keys, clock, hasher, school, reopen, add };
}

const at = (text: string) => splitAddress(text) ?? assert.fail(text);
const resolved = (accounts: LiveAccounts, text: string): Resolution => accounts.resolve(at(text));
const targetsOf = (resolution: Resolution): (AccountId | string)[] =>
  resolution.found === 'local' ? resolution.targets.map((target) => (target.to === 'account' ? target.account : target.address)) : [];

test('a person is born with a key and the six mailboxes, sealed with it', async () => {
  const { store, keys, add } = await scene();
  const noor = await add('noor@example.org', { quota: 1000 });
  const rows = await store.account(noor.account).read({ ask: 'mailboxes' });
  const key = keys.of(noor.account);
  assert.ok(key);
  const names = rows.map(({ mailbox, name, role }) => ({ name: openName(key, noor.account, mailbox, name), role }));
  assert.deepEqual(
    new Set(names.map(({ name, role }) => `${name} ${role}`)),
    new Set(DEFAULT_MAILBOXES.map(({ name, role }) => `${name} ${role}`)),
  );
  const inbox = rows.find(({ role }) => role === 'inbox');
  assert.ok(inbox && Buffer.compare(inbox.nameKey, nameKey(key, noor.account, null, 'inbox')) === 0);
  assert.equal(inbox?.uidValidity, START / 1000);
  assert.equal((await store.account(noor.account).read({ ask: 'account' })).quota, 1000);
});

test('nothing in the directory can be read without its key', async () => {
  const { accounts, store, school, add } = await scene();
  const noor = await add('noor@example.org', { name: 'Noor Bakker' });
  value(await accounts.addAlias({ organisation: school, address: 'info@example.org', targets: ['noor@example.org'] }));
  value(await accounts.addAppPassword({ account: noor.account, label: 'Telefoon', scopes: ['imap'] }));
  const rows = await store.directory.load();
  assert.ok(rows.length >= 5);
  for (const { sealed, names } of rows) {
    const text = Buffer.concat([sealed, ...names])
      .toString('latin1')
      .toLowerCase();
    for (const canary of ['noor', 'bakker', 'example', 'regenboog', 'info', 'telefoon', 'tractor', 'imap'])
      assert.ok(!text.includes(canary), canary);
  }
});

test('everything is there again after a restart', async () => {
  const { accounts, school, add, reopen, clock } = await scene();
  const noor = await add('Noor@example.org', { name: 'Noor', admin: true, language: 'en', quota: 5 });
  value(await accounts.addAlias({ organisation: school, address: 'info@example.org', targets: ['noor@example.org'] }));
  await accounts.addRelay({ name: 'backup.example', route: { to: 'fixed', host: '127.0.0.1', port: 2525 } });
  const { password } = value(await accounts.addAppPassword({ account: noor.account, label: 'Phone', scopes: ['imap'] }));
  await accounts.signIn.withPassword('noor', password, { protocol: 'imap', ip: '192.0.2.1' });
  await clock.advance(6_000);
  const again = await reopen();
  assert.deepEqual(again.people(), [noor]);
  assert.deepEqual(again.organisations(), accounts.organisations());
  assert.deepEqual(again.domains(), accounts.domains());
  assert.deepEqual(again.aliases(), accounts.aliases());
  assert.deepEqual(again.relays(), [{ name: 'backup.example', route: { to: 'fixed', host: '127.0.0.1', port: 2525 } }]);
  assert.deepEqual(again.appPasswords(noor.account), accounts.appPasswords(noor.account));
  assert.equal(again.appPasswords(noor.account)[0]?.lastUsedAt, START);
  assert.ok(!isRefusal(await again.signIn.withPassword('noor@example.org', GOOD, { protocol: 'smtp', ip: '192.0.2.1' })));
});

test('addresses resolve to people, sub-addresses, aliases, roles, relays, nobody and strangers', async () => {
  const { accounts, school, add } = await scene();
  const noor = await add('noor@example.org');
  const sam = await add('sam@example.org');
  value(
    await accounts.addAlias({
      organisation: school,
      address: 'team@example.org',
      targets: ['noor@example.org', 'sam+team@example.org', 'out@far.example'],
    }),
  );
  await accounts.addRelay({ name: 'sink.example', route: { to: 'discard' } });
  const cases: [string, string, (AccountId | string)[]][] = [
    ['noor@example.org', 'direct', [noor.account]],
    ['NOOR@example.org', 'direct', [noor.account]],
    ['noor+school@example.org', 'subaddress', [noor.account]],
    ['team@example.org', 'alias', [noor.account, sam.account, 'out@far.example']],
    ['team+x@example.org', 'alias', [noor.account, sam.account, 'out@far.example']],
    ['Postmaster@example.org', 'role', [noor.account]],
    ['abuse@example.org', 'role', [noor.account]],
  ];
  for (const [address, through, targets] of cases) {
    const found = resolved(accounts, address);
    assert.ok(found.found === 'local' && found.through === through, `${address}: ${JSON.stringify(found)}`);
    assert.deepEqual(targetsOf(found), targets, address);
  }
  const sub = resolved(accounts, 'noor+school@example.org');
  assert.ok(sub.found === 'local' && sub.detail === 'school');
  assert.deepEqual(sub.targets, [{ to: 'account', account: noor.account, address: 'noor+school@example.org' }]);
  assert.deepEqual(resolved(accounts, 'nobody@example.org'), { found: 'nobody', organisation: school });
  assert.deepEqual(resolved(accounts, 'webmaster@example.org'), { found: 'nobody', organisation: school });
  assert.deepEqual(resolved(accounts, 'x@sink.example'), { found: 'relay', domain: 'sink.example', route: { to: 'discard' } });
  assert.deepEqual(resolved(accounts, 'x@far.example'), { found: 'foreign' });
  assert.deepEqual(targetsOf(accounts.resolvePostmaster()), [noor.account]);
});

test('roles go to the admins once there are any, and to whoever took the address', async () => {
  const { accounts, add } = await scene();
  await add('noor@example.org');
  const sam = await add('sam@example.org', { admin: true });
  assert.deepEqual(targetsOf(resolved(accounts, 'abuse@example.org')), [sam.account]);
  const desk = await add('abuse@example.org');
  assert.deepEqual(targetsOf(resolved(accounts, 'abuse@example.org')), [desk.account]);
  assert.ok(accounts.mayUse(sam.account, 'postmaster@example.org'));
  assert.ok(!accounts.mayUse(sam.account, 'abuse@example.org'));
  value(await accounts.changePerson(sam.account, { state: 'closed' }));
  assert.notDeepEqual(targetsOf(resolved(accounts, 'postmaster@example.org')), [sam.account]);
  value(await accounts.changePerson(sam.account, { state: 'open' }));
  assert.deepEqual(targetsOf(resolved(accounts, 'postmaster@example.org')), [sam.account]);
  await accounts.removePerson(sam.account);
  assert.notDeepEqual(targetsOf(resolved(accounts, 'postmaster@example.org')), [sam.account]);
});

test('aliases that point at each other end, and chains are followed so far and no further', async () => {
  const { accounts, school, add } = await scene();
  const noor = await add('noor@example.org');
  const alias = async (address: string, ...targets: string[]) => value(await accounts.addAlias({ organisation: school, address, targets }));
  await alias('a@example.org', 'b@example.org');
  await alias('b@example.org', 'a@example.org', 'noor@example.org', 'a@example.org');
  assert.deepEqual(targetsOf(resolved(accounts, 'a@example.org')), [noor.account]);
  await alias('self@example.org', 'self@example.org');
  assert.equal(resolved(accounts, 'self@example.org').found, 'nobody');
  for (let n = 0; n < 15; n++) await alias(`c${n}@example.org`, n === 14 ? 'noor@example.org' : `c${n + 1}@example.org`);
  assert.deepEqual(targetsOf(resolved(accounts, 'c6@example.org')), [noor.account]);
  assert.equal(resolved(accounts, 'c1@example.org').found, 'nobody');
  await alias('gone@example.org', 'leaver@example.org');
  assert.equal(resolved(accounts, 'gone@example.org').found, 'nobody');
});

test('international domains and addresses have one form', async () => {
  const { accounts, school, add } = await scene();
  const domain = value(await accounts.addDomain({ organisation: school, name: 'Bücher.example' }));
  assert.equal(domain.name, 'xn--bcher-kva.example');
  const rosa = await add('Rosé@BÜCHER.example');
  assert.equal(rosa.address, 'Rosé@xn--bcher-kva.example');
  assert.deepEqual(targetsOf(resolved(accounts, 'rose\u0301@bücher.example')), [rosa.account]);
  assert.equal(accounts.personByAddress('ROSÉ@bücher.example')?.account, rosa.account);
});

test('an account may send with what is its own, and nothing else', async () => {
  const { accounts, school, add } = await scene();
  const noor = await add('noor@example.org');
  const sam = await add('sam@example.org', { admin: true });
  const plus = await add('noor+desk@example.org');
  value(await accounts.addAlias({ organisation: school, address: 'n.bakker@example.org', targets: ['noor@example.org'] }));
  value(await accounts.addAlias({ organisation: school, address: 'team@example.org', targets: ['noor@example.org', 'sam@example.org'] }));
  for (const own of ['noor@example.org', 'Noor@Example.org', 'noor+x@example.org', 'n.bakker@example.org', 'n.bakker+x@example.org']) {
    assert.ok(accounts.mayUse(noor.account, own), own);
    assert.ok(!accounts.mayUse(sam.account, own), own);
  }
  for (const other of [
    'team@example.org',
    'sam@example.org',
    'noor+desk@example.org',
    'abuse@example.org',
    'x@far.example',
    'nobody@example.org',
    'nonsense',
    '',
  ]) {
    assert.ok(!accounts.mayUse(noor.account, other), other);
  }
  assert.ok(accounts.mayUse(plus.account, 'noor+desk@example.org'));
  assert.ok(accounts.mayUse(sam.account, 'postmaster@example.org'));
});

test('names are taken once, over people and aliases, domains and relays', async () => {
  const { accounts, school, add } = await scene();
  await add('noor@example.org');
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const result = await work;
    return isRefusal(result) ? result.refusal : 'none';
  };
  const person = (address: string): NewPerson => ({ organisation: school, address, name: '', password: GOOD });
  assert.equal(await refusal(accounts.addPeople([person('NOOR@example.org')])), 'nameTaken');
  assert.equal(
    await refusal(accounts.addAlias({ organisation: school, address: 'noor@example.org', targets: ['a@b.example'] })),
    'nameTaken',
  );
  assert.equal(await refusal(accounts.addPeople([person('a@example.org'), person('A@example.org')])), 'nameTaken');
  assert.equal(await refusal(accounts.addRelay({ name: 'example.org', route: { to: 'discard' } })), 'nameTaken');
  assert.equal(await refusal(accounts.addDomain({ organisation: school, name: 'example.org.' })), 'nameTaken');
  assert.equal(await refusal(accounts.addOrganisation({ name: 'de regenboog', language: 'en' })), 'nameTaken');
  assert.equal(await refusal(accounts.addPeople([person('a@elsewhere.example')])), 'notFound');
  assert.equal(await refusal(accounts.addDomain({ organisation: 1 as OrganisationId, name: 'x.example' })), 'notFound');
  assert.equal(await refusal(accounts.addDomain({ organisation: school, name: 'not a domain' })), 'badValue');
  for (const bad of [
    '',
    '@example.org',
    'a b@example.org',
    '.a@example.org',
    'a..b@example.org',
    'a"b@example.org',
    'a\u0000@example.org',
    `${'x'.repeat(65)}@example.org`,
  ]) {
    assert.equal(await refusal(accounts.addPeople([person(bad)])), 'badValue', JSON.stringify(bad));
  }
  // Two at the same moment: the store lets one in.
  const race = await Promise.all([accounts.addPeople([person('race@example.org')]), accounts.addPeople([person('race@example.org')])]);
  assert.equal(race.filter(isRefusal).length, 1);
  assert.equal(accounts.people().length, 2);
});

test('an import is all or none, says which one failed, and reports progress', async () => {
  const { accounts, school, hasher } = await scene();
  const ask = (n: number, password = GOOD): NewPerson => ({ organisation: school, address: `u${n}@example.org`, name: '', password });
  const failed = await accounts.addPeople([ask(0), ask(1), ask(2, 'short')]);
  assert.ok(isRefusal(failed) && failed.refusal === 'weakPassword' && failed.facts['at'] === '2');
  assert.equal(accounts.people().length, 0);
  assert.equal(hasher.hashed, 0);
  const progress: number[] = [];
  const many = Array.from({ length: 500 }, (_, n) => ({ ...ask(n, 'secret'), acceptWeakPassword: true }));
  const people = value(await accounts.addPeople(many, (done) => progress.push(done)));
  assert.equal(people.length, 500);
  assert.deepEqual(progress.slice(-1), [500]);
  assert.equal(hasher.hashed, 500);
  assert.ok(!isRefusal(await accounts.signIn.withPassword('u499', 'secret', { protocol: 'imap', ip: '127.0.0.1' })));
});

test('deletion deletes: account, key, app passwords, sign-in, address', async () => {
  const { accounts, store, keys, add } = await scene();
  const noor = await add('noor@example.org');
  value(await accounts.addAppPassword({ account: noor.account, label: 'x', scopes: ['imap'] }));
  await accounts.signIn.withPassword('noor', GOOD, { protocol: 'imap', ip: '127.0.0.1' });
  const before = (await store.directory.load()).length;
  assert.equal(await accounts.removePerson(noor.account), undefined);
  await accounts.close();
  assert.equal(keys.of(noor.account), undefined);
  assert.ok(!(await store.directory.keys()).some(({ owner }) => owner === noor.account));
  assert.equal((await store.directory.load()).length, before - 2);
  assert.equal(accounts.person(noor.account), undefined);
  assert.equal(resolved(accounts, 'noor@example.org').found, 'nobody');
  const again = await accounts.signIn.withPassword('noor@example.org', GOOD, { protocol: 'imap', ip: '127.0.0.1' });
  assert.ok(isRefusal(again) && again.refusal === 'wrongPassword');
  assert.ok(isRefusal(await accounts.removePerson(noor.account)));
  await add('noor@example.org');
});

test('a person can be changed, and only by values that can be', async () => {
  const { accounts, store, add } = await scene();
  const noor = await add('noor@example.org');
  const changed = value(
    await accounts.changePerson(noor.account, { name: ' Noor B. ', quota: 77, admin: true, language: 'en', state: 'sendingPaused' }),
  );
  assert.deepEqual(changed, { ...noor, name: 'Noor B.', quota: 77, admin: true, language: 'en', state: 'sendingPaused' });
  assert.equal((await store.account(noor.account).read({ ask: 'account' })).quota, 77);
  for (const bad of [{ name: '' }, { name: 'a\r\nBcc: x' }, { quota: -1 }, { quota: 0.5 }, { password: '' }, { password: 'short' }]) {
    assert.ok(isRefusal(await accounts.changePerson(noor.account, bad)), JSON.stringify(bad));
  }
  assert.deepEqual(accounts.person(noor.account), changed);
  assert.ok(isRefusal(await accounts.changePerson(1 as AccountId, { name: 'x' })));
  // Two changes at once: neither is lost.
  await Promise.all([accounts.changePerson(noor.account, { name: 'N' }), accounts.changePerson(noor.account, { quota: 5 })]);
  assert.deepEqual([accounts.person(noor.account)?.name, accounts.person(noor.account)?.quota], ['N', 5]);
});

test('an organisation says how long its journeys are kept, and says so after a restart', async () => {
  const { accounts, school, reopen } = await scene();
  assert.equal(accounts.organisation(school)?.journeyDays, 30);
  assert.equal(value(await accounts.changeOrganisation(school, { journeyDays: 365 })).journeyDays, 365);
  assert.deepEqual((await reopen()).organisation(school), { organisation: school, name: 'De Regenboog', language: 'nl', journeyDays: 365 });
  for (const journeyDays of [6, 366, 7.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const refused = await accounts.changeOrganisation(school, { journeyDays });
    assert.ok(isRefusal(refused) && refused.refusal === 'badValue', String(journeyDays));
  }
  const stranger = await accounts.changeOrganisation(1 as OrganisationId, { journeyDays: 7 });
  assert.ok(isRefusal(stranger) && stranger.refusal === 'notFound');
  assert.equal(value(await accounts.changeOrganisation(school, { language: 'en' })).journeyDays, 365);
  assert.equal((await reopen()).organisation(school)?.language, 'en');
});

test('app passwords: another account’s do not exist, senders must be one’s own, and there is an end to them', async () => {
  const { accounts, add } = await scene();
  const noor = await add('noor@example.org');
  const sam = await add('sam@example.org');
  const { appPassword, password } = value(
    await accounts.addAppPassword({
      account: noor.account,
      label: 'Phone',
      scopes: ['imap', 'imap', 'smtp'],
      senders: ['noor@example.org'],
    }),
  );
  assert.match(password, /^[0-9a-z]{5}(-[0-9a-z]{5}){3}$/);
  assert.deepEqual(appPassword.scopes, ['imap', 'smtp']);
  const theirs = await accounts.removeAppPassword(sam.account, appPassword.id);
  assert.ok(theirs !== undefined && theirs.refusal === 'notFound');
  const foreign = await accounts.addAppPassword({ account: noor.account, label: 'x', scopes: ['smtp'], senders: ['sam@example.org'] });
  assert.ok(isRefusal(foreign) && foreign.refusal === 'senderNotYours');
  assert.ok(isRefusal(await accounts.addAppPassword({ account: noor.account, label: 'x', scopes: [] })));
  for (let n = 1; n < 25; n++) value(await accounts.addAppPassword({ account: noor.account, label: `x${n}`, scopes: ['smtp'] }));
  assert.ok(isRefusal(await accounts.addAppPassword({ account: noor.account, label: 'x', scopes: ['smtp'] })));
  assert.equal(await accounts.removeAppPassword(noor.account, appPassword.id), undefined);
  assert.equal(accounts.appPasswords(noor.account).length, 24);
});

test('a store that fails changes nothing in memory', async () => {
  const { accounts, store, school, keys } = await scene();
  const write = store.directory.write.bind(store.directory);
  store.directory.write = () => Promise.reject(new Error('disk gone'));
  await assert.rejects(accounts.addPeople([{ organisation: school, address: 'noor@example.org', name: '', password: GOOD }]));
  await assert.rejects(accounts.addDomain({ organisation: school, name: 'x.example' }));
  store.directory.write = write;
  assert.equal(accounts.people().length, 0);
  assert.equal(resolved(accounts, 'x@x.example').found, 'foreign');
  const [noor] = value(await accounts.addPeople([{ organisation: school, address: 'noor@example.org', name: '', password: GOOD }]));
  assert.ok(noor && keys.of(noor.account));
});

test('where a relay may lead', () => {
  for (const [text, route] of [
    ['mx.example:25', { to: 'fixed', host: 'mx.example', port: 25 }],
    ['127.0.0.1:2525', { to: 'fixed', host: '127.0.0.1', port: 2525 }],
    ['[2001:db8::1]:25', { to: 'fixed', host: '2001:db8::1', port: 25 }],
    ['discard', { to: 'discard' }],
  ] as const) {
    assert.deepEqual(parseRoute(text), route);
    assert.equal(routeText(route), text);
  }
  for (const not of ['', 'mx.example', 'mx.example:0', 'mx.example:70000', '2001:db8::1:25', ':25', 'a b:25', 'mx.example:25x', '[::1]']) {
    assert.equal(parseRoute(not), undefined, not);
  }
});
