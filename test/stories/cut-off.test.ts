/** Whoever is signed in when their password or account is taken away is cut off within a second, over real sockets; nobody else notices. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Scope } from '../../src/service/accounts/accounts.ts';
import { Imap } from '../world/imap.ts';
import type { Person } from '../world/person.ts';
import { Smtp } from '../world/smtp.ts';
import type { Talk } from '../world/talk.ts';
import { until } from '../world/until.ts';
import { given, openWorld, type World } from '../world/world.ts';

/** From the change to the end of the connection. */
const AT_ONCE_MS = 1_000;
const NEW = 'another long word for everybody';
const EXPIRED = '* BYE [EXPIRED] The password you signed in with was changed or withdrawn; sign in with the new one';
const CLOSED = '* BYE [CONTACTADMIN] This account was closed; ask your administrator';
const WITHDRAWN_421 = '421 4.7.8 The password you signed in with was changed or withdrawn; sign in with the new one';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const accounts = () => world.house.accounts;
let count = 0;
const somebody = (): Promise<Person> => world.newPerson(`cut${++count}`);

async function appPassword({ account }: Person, scopes: readonly Scope[] = ['imap', 'smtp']) {
  const { appPassword: made, password } = given(await accounts().addAppPassword({ account, label: 'Phone', scopes }));
  return { password, remove: async () => assert.equal(await accounts().removeAppPassword(account, made.id), undefined) };
}

async function imapWith({ address }: Person, password: string): Promise<Imap> {
  const imap = await Imap.dial(world.place('imaps'));
  assert.ok((await imap.signIn(address, password)).ok);
  return imap;
}

async function smtpWith({ address }: Person, password: string): Promise<Smtp> {
  const smtp = await Smtp.dial(world.place('submissions'));
  assert.equal((await smtp.signIn(address, password)).code, 235);
  return smtp;
}

async function idle(imap: Imap): Promise<void> {
  await imap.must('SELECT INBOX');
  imap.talk.say('i1 IDLE\r\n');
  assert.match((await imap.line()) ?? '', /^\+ /);
}

/** All that is heard until the line is dead, which must be soon. */
async function rest(talk: Talk, since: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let line = await talk.line(); line !== undefined; line = await talk.line()) lines.push(line);
  const tookMs = performance.now() - since;
  assert.ok(tookMs < AT_ONCE_MS, `after ${tookMs} ms`);
  return lines;
}

const lives = async (...sessions: readonly (Imap | Smtp)[]): Promise<void> => {
  for (const session of sessions) {
    if (session instanceof Imap) await session.must('NOOP');
    else assert.equal((await session.ask('NOOP')).code, 250);
  }
};
const leave = (...sessions: readonly (Imap | Smtp)[]): void => sessions.forEach(({ talk }) => talk.hangUp());

test('a new main password ends the sessions of the old one, in IDLE too, and no others', async () => {
  const who = await somebody();
  const phone = await appPassword(who);
  const [idling, resting, sending] = [await who.imap(), await who.imap(), await who.smtp()];
  const others = [await imapWith(who, phone.password), await smtpWith(who, phone.password), await world.people.noor.imap()];
  await idle(idling);
  given(await accounts().changePerson(who.account, { name: 'Another name' }));
  await lives(resting, sending);
  const since = performance.now();
  given(await accounts().changePerson(who.account, { password: NEW }));
  assert.deepEqual(await rest(idling.talk, since), [EXPIRED]);
  assert.deepEqual(await rest(resting.talk, since), [EXPIRED]);
  assert.deepEqual(await rest(sending.talk, since), [WITHDRAWN_421]);
  await lives(...others);
  const again = await imapWith(who, NEW);
  await lives(again);
  leave(again, ...others);
});

test('an app password that is removed ends its own sessions, and no others', async () => {
  const who = await somebody();
  const [phone, tablet] = [await appPassword(who), await appPassword(who)];
  const own = await imapWith(who, phone.password);
  await idle(own);
  const sends = await smtpWith(who, phone.password);
  const others = [await who.imap(), await who.smtp(), await imapWith(who, tablet.password), await smtpWith(who, tablet.password)];
  const since = performance.now();
  await phone.remove();
  assert.deepEqual(await rest(own.talk, since), [EXPIRED]);
  assert.deepEqual(await rest(sends.talk, since), [WITHDRAWN_421]);
  await lives(...others);
  leave(...others);
});

test('a closed account ends all its sessions, a removed one too', async () => {
  for (const closing of ['close', 'remove'] as const) {
    const who = await somebody();
    const phone = await appPassword(who);
    const idling = await who.imap();
    await idle(idling);
    const [other, sends] = [await imapWith(who, phone.password), await who.smtp()];
    const stranger = await world.people.olga.imap();
    const since = performance.now();
    if (closing === 'close') given(await accounts().changePerson(who.account, { state: 'closed' }));
    else assert.equal(await accounts().removePerson(who.account), undefined);
    assert.deepEqual(await rest(idling.talk, since), [CLOSED]);
    assert.deepEqual(await rest(other.talk, since), [CLOSED]);
    assert.deepEqual(await rest(sends.talk, since), ['421 4.7.13 This account was closed; ask your administrator']);
    await lives(stranger);
    leave(stranger);
  }
});

test('paused sending ends sessions that send, and leaves reading alone', async () => {
  const who = await somebody();
  const [reads, sends] = [await who.imap(), await who.smtp()];
  const since = performance.now();
  given(await accounts().changePerson(who.account, { state: 'sendingPaused' }));
  assert.deepEqual(await rest(sends.talk, since), ['421 4.7.1 Sending was paused to protect this account; ask your administrator']);
  await lives(reads);
  const later = await who.smtp();
  assert.match((await later.ask(`MAIL FROM:<${who.address}>`)).text, /^550 5\.7\.1 Sending is paused/);
  await lives(later);
  leave(reads, later);
});

test('a message in the midst of being sent is not taken', async () => {
  const who = await somebody();
  const smtp = await who.smtp();
  await smtp.ask(`MAIL FROM:<${who.address}>`);
  await smtp.ask(`RCPT TO:<${world.people.emma.address}>`);
  assert.equal((await smtp.ask('DATA')).code, 354);
  smtp.talk.say(`From: ${who.address}\r\nTo: ${world.people.emma.address}\r\nSubject: Half of it\r\n\r\n`);
  smtp.talk.say('x'.repeat(20_000));
  await until('the content to be under way', () => smtp.talk.socket.bytesWritten > 20_000 && smtp.talk.socket.writableLength === 0);
  const since = performance.now();
  given(await accounts().changePerson(who.account, { password: NEW }));
  smtp.talk.say('\r\n.\r\nNOOP\r\n');
  assert.deepEqual(await rest(smtp.talk, since), [WITHDRAWN_421]);
  await world.quiet();
  assert.ok(!(await world.people.emma.letters()).some(({ raw }) => raw.includes('Half of it')));
});

test('what comes in a stream while the change is made is not obeyed after it', async () => {
  const who = await somebody();
  const [imap, smtp] = [await who.imap(), await who.smtp()];
  const mail = `MAIL FROM:<${who.address}>\r\nRCPT TO:<${world.people.emma.address}>\r\nRSET\r\n`;
  const timer = setInterval(() => {
    imap.talk.say('p1 CREATE Secret\r\np2 DELETE Secret\r\n');
    smtp.talk.say(mail);
  }, 1);
  given(await accounts().changePerson(who.account, { password: NEW }));
  const since = performance.now();
  const heard = await Promise.all([rest(imap.talk, since), rest(smtp.talk, since)]);
  clearInterval(timer);
  assert.deepEqual(
    heard.map((lines) => lines.at(-1)),
    [EXPIRED, WITHDRAWN_421],
  );
});

test('a client that does not read what it asked for is cut off in the middle of it', async () => {
  const who = await somebody();
  const imap = await who.imap();
  const message = Buffer.from(`From: ${who.address}\r\nSubject: Large\r\n\r\n${'0123456789abcdef\r\n'.repeat(50_000)}`);
  for (let copies = 0; copies < 8; copies++) await imap.append('INBOX', message);
  await imap.must('SELECT INBOX');
  const { socket } = imap.talk;
  socket.pause();
  // 21 MB: more than the kernel keeps for us.
  imap.talk.say('f1 UID FETCH 1:* (BODY.PEEK[] BODY.PEEK[TEXT] BODY.PEEK[1])\r\n');
  await new Promise((resume) => setTimeout(resume, 300));
  const before = accounts().sessions;
  given(await accounts().changePerson(who.account, { state: 'closed' }));
  assert.equal(accounts().sessions, before - 1);
  await new Promise((resume) => setTimeout(resume, AT_ONCE_MS));
  // Only now does it read: what the network still held, and then nothing more.
  socket.resume();
  const lines: string[] = [];
  for (let line = await imap.line(); line !== undefined; line = await imap.line()) lines.push(line.slice(0, 20));
  assert.ok(!lines.some((line) => /^(f1|\* BYE)/.test(line)), lines.join(' '));
});

test('sessions that end by themselves leave nothing behind', async () => {
  const who = await somebody();
  await until('others to be gone', () => accounts().sessions === 0);
  for (let round = 0; round < 5; round++) {
    const [imap, smtp, abrupt] = [await who.imap(), await who.smtp(), await who.imap()];
    await idle(abrupt);
    assert.equal(accounts().sessions, 3);
    await imap.bye();
    await smtp.quit();
    leave(abrupt);
    await until('them to be gone', () => accounts().sessions === 0);
  }
});
