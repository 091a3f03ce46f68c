/** Servers that do not take mail at once, or never: the queue over days, told as it goes. Time is the test's. */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import { parseDsn } from '../../src/codec/report/dsn-parse.ts';
import { wordsOf } from '../world/person.ts';
import { openWorld, type World } from '../world/world.ts';
import { addDomain, addHost, addNullMx } from '../world/zones.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: World;
before(async () => {
  world = await openWorld({ settings: { courierTimeouts: { connect: 2_000, greeting: 2_000, content: 500 } } });
});
after(() => world.close());

const actor = (): Parameters<World['house']['queue']['act']>[2] => ({ owner: world.people.noor.account, name: world.people.noor.address });

test('never possible: a notice after an hour, the letter back after five days (R-55, RFC 5321 §4.5.4.1)', async () => {
  const { noor } = world.people;
  const busy = await world.neighbour('busy.test', { onRecipient: () => '451 4.3.2 Our system is being repaired' });
  const start = world.now();
  const id = await noor.writes({ to: 'a@busy.test', subject: 'Patience' });
  await world.pass(50 * MINUTE);
  assert.match((await noor.asks(id, 'en')).headline, /^Not yet – next try at /);
  assert.equal((await noor.letters()).length, 0, 'no notice in the first hour');
  await world.pass(70 * MINUTE);
  const delay = await noor.receives('Subject: Nog niet bezorgd: Patience / Not yet delivered');
  const notice = parseDsn(Buffer.from(delay.raw, 'latin1'));
  assert.ok(notice.ok);
  assert.equal(notice.value.facts.recipients[0]?.action, 'delayed');
  await world.pass(2 * DAY);
  assert.equal((await noor.letters()).length, 1, 'one notice and no more');
  await noor.sees(id, 'deferred');
  await world.pass(4 * DAY);
  await noor.sees(id, 'expired');
  const told = await noor.asks(id, 'en');
  assert.equal(told.headline, 'Not delivered – no success in 5 days');
  assert.equal((await noor.asks(id, 'nl')).headline, 'Niet bezorgd – na 5 dagen nog niet gelukt');
  const back = parseDsn(Buffer.from((await noor.receives('Subject: Niet bezorgd: Patience / Not delivered')).raw, 'latin1'));
  assert.ok(back.ok);
  assert.equal(back.value.facts.recipients[0]?.action, 'failed');
  assert.ok(back.value.text.includes('451 4.3.2 Our system is being repaired'), back.value.text);
  const tries = busy.said.filter((line) => line.startsWith('RCPT')).length;
  assert.ok(tries >= 25 && tries <= 45, `${tries} tries in five days`);
  const story = await noor.journey(id);
  assert.equal(story?.steps.filter(({ kind }) => kind === 'tried').length, tries, 'every attempt is told');
  assert.ok(world.now() - start >= 5 * DAY);
});

test('held back, let go, hurried, cancelled: each is a sentence, and a cancelled letter never leaves (R-53)', async () => {
  const { noor, emma } = world.people;
  let isOpen = false;
  const door = await world.neighbour('door.test', { onRecipient: () => (isOpen ? undefined : '450 4.2.0 Not now') });
  const { queue } = world.house;
  const id = await noor.writes({ to: 'a@door.test', subject: 'Wait for me' });
  await world.quiet();
  const [entry] = await queue.list({ owner: noor.account });
  assert.ok(entry !== undefined);
  assert.equal(entry.lastReply?.[0], '450 4.2.0 Not now');
  assert.equal((await queue.act(entry.item, 'hold', { owner: emma.account, name: 'emma' }))?.refusal, 'notFound', 'R-35');
  assert.equal(await queue.act(entry.item, 'hold', actor()), undefined);
  const tries = door.said.length;
  await world.pass(3 * HOUR);
  assert.equal(door.said.length, tries, 'held is held');
  isOpen = true;
  isOpen = false;
  assert.equal(await queue.act(entry.item, 'release', actor()), undefined);
  await world.quiet();
  await noor.sees(id, 'deferred');
  isOpen = true;
  // Long before its time.
  assert.equal(await queue.act(entry.item, 'hurry', actor()), undefined);
  await world.quiet();
  await noor.sees(id, 'acceptedByRemote');
  const words = wordsOf(await noor.asks(id, 'en'));
  assert.deepEqual(
    words.filter((line) => /^(Held|Released|Tried again)/.test(line)),
    ['Held back by you', 'Released by you', 'Tried again at once, asked by you'],
  );
  assert.deepEqual(
    wordsOf(await noor.asks(id, 'nl')).filter((line) => /jou/.test(line)),
    ['Door jou vastgehouden', 'Vrijgegeven door jou', 'Meteen opnieuw geprobeerd, gevraagd door jou'],
  );
  isOpen = false;
  const other = await noor.writes({ to: 'a@door.test', subject: 'Never mind' });
  await world.quiet();
  const [waiting] = await queue.list({ owner: noor.account });
  assert.ok(waiting !== undefined);
  assert.equal(await queue.act(waiting.item, 'remove', actor()), undefined);
  isOpen = true;
  await world.pass(DAY);
  await noor.sees(other, 'cancelled');
  assert.equal((await noor.asks(other, 'en')).headline, 'Cancelled by you');
  assert.equal(door.mails.length, 1);
});

test('a domain that takes no mail, and one that is not there: told at once (RFC 7505)', async () => {
  const { noor } = world.people;
  addNullMx(world.zones, 'nomail.test');
  const none = await noor.writes({ to: 'a@nomail.test', subject: 'No mail' });
  const nowhere = await noor.writes({ to: 'a@nowhere.test', subject: 'Nowhere' });
  await world.quiet();
  for (const id of [none, nowhere]) {
    await noor.sees(id, 'bounced');
    const told = await noor.asks(id, 'en');
    assert.equal(told.headline, 'Not delivered');
    assert.equal(told.turn.who, 'you', JSON.stringify(told));
    assert.ok((told.next[0] ?? '') !== '');
  }
  const [first, second] = [wordsOf(await noor.asks(none, 'en')), wordsOf(await noor.asks(nowhere, 'en'))];
  assert.notEqual(first.at(-2), second.at(-2), 'each has its own reason');
});

test('the first MX is away: the second takes it (RFC 5321 §5.1)', async () => {
  const { noor } = world.people;
  const second = await world.neighbours.add({ hostName: 'mx2.pair.test' });
  addDomain(world.zones, {
    name: 'pair.test',
    mx: [
      { host: 'mx1.pair.test', addresses: ['127.0.0.99'] },
      { host: 'mx2.pair.test', addresses: [second.ip] },
    ],
  });
  const id = await noor.writes({ to: 'a@pair.test' });
  await world.quiet();
  await noor.sees(id, 'acceptedByRemote');
  const hosts = (await noor.journey(id))?.steps.flatMap((step) => (step.kind === 'tried' ? [step.host] : []));
  assert.deepEqual(hosts, ['mx1.pair.test', 'mx2.pair.test']);
  assert.equal(second.mails.length, 1);
  const words = wordsOf(await noor.asks(id, 'en'));
  assert.ok(
    words.some((line) => line.includes('mx1.pair.test')),
    words.join('\n'),
  );
});

test('no MX: the address of the domain itself', async () => {
  const { noor } = world.people;
  const plain = await world.neighbours.add({ hostName: 'plain.test' });
  addHost(world.zones, 'plain.test', [plain.ip]);
  const id = await noor.writes({ to: 'a@plain.test' });
  await world.quiet();
  await noor.sees(id, 'acceptedByRemote');
  assert.equal(plain.mails.length, 1);
});

test('the line breaks after the final dot: tried again, and the story says that it is not known', async () => {
  const { noor } = world.people;
  let times = 0;
  const shaky = await world.neighbour('shaky.test', { onMail: () => (++times === 1 ? 'drop' : undefined) });
  const id = await noor.writes({ to: 'a@shaky.test', subject: 'Did you get it?' });
  await world.quiet();
  await noor.sees(id, 'deferred');
  const step = (await noor.journey(id))?.steps.find(({ kind }) => kind === 'deferred');
  assert.ok(step?.kind === 'deferred');
  assert.deepEqual([step.stage, step.trouble, step.reply], ['content', 'connectionLost', null]);
  await world.pass(10 * MINUTE);
  await noor.sees(id, 'acceptedByRemote');
  assert.equal(times, 2);
  assert.equal(shaky.mails.length, 1);
});

test('a server that says nothing after the dot is not waited for without end', async () => {
  const { noor } = world.people;
  let times = 0;
  await world.neighbour('mute.test', {
    onMail: () => (++times === 1 ? new Promise(() => {}) : undefined),
  });
  const id = await noor.writes({ to: 'a@mute.test' });
  await world.quiet();
  const step = (await noor.journey(id))?.steps.find(({ kind }) => kind === 'deferred');
  assert.ok(step?.kind === 'deferred');
  assert.equal(step.trouble, 'timeout');
  await world.pass(10 * MINUTE);
  await noor.sees(id, 'acceptedByRemote');
});

test('mail does not go in circles: their MX is us', async () => {
  const { noor } = world.people;
  world.zones.put('circle.test', { type: 'MX', preference: 10, exchange: 'mail.delinde.test' });
  addHost(world.zones, 'mail.delinde.test', ['127.0.0.1']);
  const id = await noor.writes({ to: 'a@circle.test' });
  await world.quiet();
  await noor.sees(id, 'bounced');
  const step = (await noor.journey(id))?.steps.find(({ kind }) => kind === 'bounced');
  assert.ok(step?.kind === 'bounced');
  assert.equal(step.trouble, 'loop');
});

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1') === true);
test('an MX with IPv6 only', { skip: hasIpv6 ? false : 'needs ::1' }, async () => {
  const { noor } = world.people;
  const six = await world.neighbours.add({ hostName: 'mx.six.test' }, { ip: '::1' });
  addDomain(world.zones, { name: 'six.test', mx: [{ host: 'mx.six.test', addresses: ['::1'] }] });
  const id = await noor.writes({ to: 'a@six.test' });
  await world.quiet();
  await noor.sees(id, 'acceptedByRemote');
  const step = (await noor.journey(id))?.steps.find(({ kind }) => kind === 'tried');
  assert.ok(step?.kind === 'tried' && step.peer?.ip === '::1');
  assert.equal(six.mails.length, 1);
});

test('twenty letters to one domain share its connections', async () => {
  const { noor } = world.people;
  const post = await world.neighbour('post.test');
  const smtp = await noor.smtp();
  for (let n = 0; n < 20; n++) {
    const sent = await smtp.send({
      from: noor.address,
      to: ['a@post.test'],
      content: `From: <${noor.address}>\r\nSubject: ${n}\r\n\r\nx\r\n`,
    });
    assert.equal(sent.last.code, 250);
  }
  await smtp.quit();
  await world.quiet();
  assert.equal(post.mails.length, 20);
  assert.equal(new Set(post.mails.map(({ content }) => /Subject: (\d+)/.exec(content.toString())?.[1])).size, 20);
  assert.ok(post.connections() <= 10, `${post.connections()} connections`);
});
