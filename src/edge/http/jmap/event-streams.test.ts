import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { type TestContext, test } from 'node:test';
import { idOf } from '../../../codec/jmap/ids.ts';
import { FLAG } from '../../../core/mailbox.ts';
import { GATHER_MS, STALLED_MS } from './event-stream.ts';
import { STREAMS_PER_ACCOUNT } from './event-streams.ts';
import { deliver, type JmapHouse, Listening, ok, openJmapHouse } from './jmap-house.contract.ts';

const ALL = 'types=*&closeafter=no&ping=0';

async function open(t: TestContext, people = 1): Promise<JmapHouse> {
  const house = await openJmapHouse(people);
  t.after(() => house.close());
  return house;
}

/** What a client learns of an account from a StateChange. */
function changedIn(house: JmapHouse, listening: Listening, at = 0, person = 0): readonly string[] {
  const data = listening.of('state')[at]?.data as { '@type': string; changed: Record<string, Record<string, string>> } | undefined;
  assert.equal(data?.['@type'], 'StateChange');
  const account = idOf('account', house.people[person]?.account ?? 0);
  assert.deepEqual(Object.keys(data.changed), [account]);
  return Object.keys(data.changed[account] ?? {}).sort();
}

async function gone(house: JmapHouse): Promise<void> {
  while (house.api.events.count > 0) await setImmediate();
}

test('a burst is one event, told when it is gathered and not before', async (t) => {
  const house = await open(t);
  const listening = new Listening(house, ALL);
  const before = await listening.began();
  assert.equal(listening.response?.headers['content-type'], 'text/event-stream');
  assert.match(listening.response?.headers['cache-control'] ?? '', /no-store/);
  const mail = await house.mail(0);
  for (let letter = 0; letter < 20; letter++) await deliver(mail, `letter ${letter}`);
  await setImmediate();
  assert.equal(listening.of('state').length, 0);
  assert.ok(GATHER_MS < 100);
  house.clock.tick(GATHER_MS);
  await listening.until(() => listening.of('state').length > 0);
  assert.deepEqual(changedIn(house, listening), ['Email', 'EmailDelivery', 'Mailbox', 'Thread']);
  const { epoch, modseq } = await mail.state();
  assert.equal(listening.of('state')[0]?.id, `${epoch}.${modseq}`);
  assert.notEqual(before, `${epoch}.${modseq}`);
  // A flag is no delivery, and no thread.
  const inbox = ok(await mail.select(mail.byPath('INBOX')?.mailbox ?? assert.fail()));
  await inbox.setFlags([[1, 5]], { mode: 'add', flags: FLAG.seen, keywords: [], unchangedSince: null });
  house.clock.tick(GATHER_MS);
  await listening.until(() => listening.of('state').length > 1);
  assert.deepEqual(changedIn(house, listening, 1), ['Email', 'Mailbox']);
  mail.close();
  listening.request.destroy();
  await gone(house);
});

test('only the types asked for are told, and nothing when none of them changed', async (t) => {
  const house = await open(t);
  const [mailboxes, deliveries] = [
    new Listening(house, 'types=Mailbox,Contact&closeafter=no&ping=0'),
    new Listening(house, 'types=EmailDelivery&closeafter=no&ping=0'),
  ];
  await Promise.all([mailboxes.began(), deliveries.began()]);
  const mail = await house.mail(0);
  ok(await mail.create('Work'));
  house.clock.tick(GATHER_MS);
  await mailboxes.until(() => mailboxes.of('state').length > 0);
  await deliver(mail, 'one');
  house.clock.tick(GATHER_MS);
  await mailboxes.until(() => mailboxes.of('state').length > 1);
  await deliveries.until(() => deliveries.of('state').length > 0);
  assert.deepEqual(changedIn(house, mailboxes), ['Mailbox']);
  assert.deepEqual(changedIn(house, deliveries), ['EmailDelivery']);
  assert.equal(deliveries.of('state').length, 1);
});

test('nobody hears of another account', async (t) => {
  const house = await open(t, 2);
  const [mine, theirs] = [new Listening(house, ALL), new Listening(house, ALL, { person: 1 })];
  await Promise.all([mine.began(), theirs.began()]);
  await deliver(await house.mail(1), 'for the other');
  house.clock.tick(GATHER_MS);
  await theirs.until(() => theirs.of('state').length > 0);
  assert.equal(changedIn(house, theirs, 0, 1).length, 4);
  assert.equal(mine.of('state').length, 0);
});

test('closeafter=state ends after one event, and the next connection hears at once what it missed', async (t) => {
  const house = await open(t);
  const query = 'types=Email&closeafter=state&ping=0';
  const first = new Listening(house, query);
  await first.began();
  const mail = await house.mail(0);
  await deliver(mail, 'one');
  house.clock.tick(GATHER_MS);
  await first.until(() => first.ended);
  const id = first.of('state')[0]?.id ?? assert.fail();
  await gone(house);
  await deliver(mail, 'two');
  const second = new Listening(house, query, { 'last-event-id': id });
  await second.until(() => second.ended);
  assert.deepEqual(changedIn(house, second), ['Email']);
  assert.notEqual(second.of('state')[0]?.id, id);
  // Nothing missed, nothing told.
  const third = new Listening(house, query, { 'last-event-id': second.of('state')[0]?.id ?? '' });
  await third.began();
  await setImmediate();
  assert.ok(!third.ended);
  assert.equal(house.api.events.count, 1);
});

test('pings come when nothing else did, without an id, and not at all for ping=0', async (t) => {
  const house = await open(t);
  const [pinged, quiet] = [new Listening(house, 'types=*&closeafter=no&ping=1'), new Listening(house, ALL)];
  await Promise.all([pinged.began(), quiet.began()]);
  house.clock.tick(14_000);
  await deliver(await house.mail(0), 'one');
  house.clock.tick(GATHER_MS);
  await pinged.until(() => pinged.of('state').length === 1);
  house.clock.tick(14_900);
  await setImmediate();
  assert.equal(pinged.of('ping').length, 0);
  house.clock.tick(200);
  await pinged.until(() => pinged.of('ping').length === 1);
  // The next ping is the only thing it waits for, and ends with it.
  const waiting = house.clock.waiting();
  pinged.request.destroy();
  while (house.api.events.count > 1) await setImmediate();
  assert.equal(house.clock.waiting(), waiting - 1);
  assert.deepEqual(pinged.of('ping'), [{ event: 'ping', data: { interval: 15 } }]);
  assert.equal(quiet.of('ping').length, 0);
});

test('streams of one account are bounded; a place is free again when one ends', async (t) => {
  const house = await open(t);
  const all = Array.from({ length: STREAMS_PER_ACCOUNT }, () => new Listening(house, ALL));
  await Promise.all(all.map((one) => one.began()));
  const more = new Listening(house, ALL);
  await more.until(() => more.response !== undefined);
  assert.equal(more.response?.statusCode, 429);
  all[0]?.request.destroy();
  while (house.api.events.count >= STREAMS_PER_ACCOUNT) await setImmediate();
  await new Listening(house, ALL).began();
});

test('two hundred streams hear one event each, and leave nothing behind', async (t) => {
  const people = 10;
  const house = await open(t, people);
  const all = Array.from({ length: 200 }, (_, at) => ({
    person: at % people,
    listening: new Listening(house, ALL, { person: at % people }),
  }));
  await Promise.all(all.map(({ listening }) => listening.began()));
  assert.equal(house.api.events.count, 200);
  assert.equal(house.clock.waiting() < 200, true, 'a quiet stream without ping has no timer');
  for (let person = 0; person < people; person++) {
    const mail = await house.mail(person);
    for (let letter = 0; letter < 5; letter++) await deliver(mail, `letter ${letter}`);
    mail.close();
  }
  house.clock.tick(GATHER_MS);
  await Promise.all(all.map(({ listening }) => listening.until(() => listening.of('state').length > 0)));
  for (const { person, listening } of all) {
    assert.equal(listening.of('state').length, 1);
    assert.equal(changedIn(house, listening, 0, person).length, 4);
  }
  for (const { listening } of all) listening.request.destroy();
  await gone(house);
});

test('a client that does not read costs one waiting event, and is cut off', async (t) => {
  const house = await open(t);
  const listening = new Listening(house, ALL);
  await listening.began();
  listening.response?.pause();
  const mail = await house.mail(0);
  const inbox = ok(await mail.select(mail.byPath('INBOX')?.mailbox ?? assert.fail()));
  await deliver(mail, 'one');
  // The system's own buffers take some thousands of events before anybody notices.
  const quiet = house.clock.waiting();
  for (let turn = 0; turn < 100_000 && house.clock.waiting() <= quiet; turn++) {
    await inbox.setFlags([[1, 1]], { mode: turn % 2 === 0 ? 'add' : 'remove', flags: FLAG.seen, keywords: [], unchangedSince: null });
    house.clock.tick(GATHER_MS);
  }
  await house.clock.advance(STALLED_MS);
  assert.equal(house.api.events.count, 0);
  assert.equal(house.cuts(), 1);
  listening.response?.resume();
  await listening.until(() => listening.ended);
});

test('the stream ends when the server closes, and none begins afterwards', async (t) => {
  const house = await open(t);
  const listening = new Listening(house, ALL);
  await listening.began();
  house.api.close();
  await listening.until(() => listening.ended);
  assert.equal(house.api.events.count, 0);
  const late = new Listening(house, ALL);
  await late.until(() => late.response !== undefined);
  assert.equal(late.response?.statusCode, 503);
});

test('whoever lost the right to hear hears no more', async (t) => {
  const house = await open(t);
  const listening = new Listening(house, ALL);
  await listening.began();
  const mail = await house.mail(0);
  ok(await house.accounts.changePerson(house.people[0]?.account ?? assert.fail(), { state: 'closed' }));
  await deliver(mail, 'one');
  house.clock.tick(GATHER_MS);
  await listening.until(() => listening.ended);
  assert.equal(listening.of('state').length, 0);
});

test('nothing is opened for a HEAD, a wrong query or a stranger', async (t) => {
  const house = await open(t);
  const ask = (method: string, query: string, authorization: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${house.port}/jmap/events?${query}`, { method, headers: { authorization } });
  assert.equal((await ask('HEAD', ALL, house.authorization(0))).status, 200);
  assert.equal((await ask('GET', 'types=*&closeafter=maybe&ping=0', house.authorization(0))).status, 400);
  assert.equal((await ask('GET', ALL, 'Basic eDp5')).status, 401);
  assert.equal(house.api.events.count, 0);
});

test('SECURITY: a new password ends the streams of the old one, and nothing is watched for them any more', async (t) => {
  const house = await open(t, 2);
  const [mine, theirs] = [new Listening(house, ALL), new Listening(house, ALL, { person: 1 })];
  await Promise.all([mine.began(), theirs.began()]);
  ok(await house.accounts.changePerson(house.people[0]?.account ?? assert.fail(), { password: house.accounts.makePassword() }));
  while (house.api.events.count > 1) await setImmediate();
  assert.equal(house.api.events.count, 1);
  theirs.request.destroy();
  await gone(house);
});

test('mail that is only copied was not delivered, and its conversation has not grown', async (t) => {
  const house = await open(t);
  const mail = await house.mail(0);
  await deliver(mail, 'letter');
  const listening = new Listening(house, ALL);
  await listening.began();
  const inbox = ok(await mail.select(mail.byPath('INBOX')?.mailbox ?? assert.fail()));
  ok(await inbox.copy([[1, 1]], mail.byPath('Archive')?.mailbox ?? assert.fail()));
  house.clock.tick(GATHER_MS);
  await listening.until(() => listening.of('state').length > 0);
  assert.deepEqual(changedIn(house, listening), ['Email', 'Mailbox']);
  mail.close();
  listening.request.destroy();
  await gone(house);
});
