/** The road, walked over the memory store: what is filed, what is queued, what is told, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { DEFAULT_NOTIFY, type EnvelopeRecipient } from '../../core/envelope.ts';
import type { StepRow } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import { IdMaker, type JourneyId, type OwnerId, SERVER_OWNER } from '../../core/ids.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';

import { openAccounts, type Person } from '../accounts/accounts.ts';
import { openJournal, openReader, type Viewer } from '../journey/journey.ts';
import { openMailboxes } from '../mailboxes/mailboxes.ts';
import { Queue } from '../queue/queue.ts';
import { Pipeline } from './pipeline.ts';
import type { Accepted, Caller, SenderAsk, Transaction } from './transaction.ts';

const START = Date.UTC(2026, 10, 23, 9);
const PASSWORD = 'a rather long pass phrase';
const STRANGER: Caller = { peer: { ip: '198.51.100.7', helo: 'mx.far.test' }, tls: null, protocol: 'ESMTP', signedIn: null };

function value<T>(result: T): Exclude<T, Refusal | undefined> {
  if (result === undefined || isRefusal(result)) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result as Exclude<T, Refusal | undefined>;
}

const ask = (from: string, more: Partial<SenderAsk> = {}): SenderAsk => ({
  from,
  size: null,
  body: '7bit',
  smtpUtf8: false,
  returnContent: null,
  envelopeId: null,
  ...more,
});
const to = (address: string): EnvelopeRecipient => ({ address, notify: DEFAULT_NOTIFY, originalRecipient: null });
const MAIL =
  'From: Anna <anna@far.test>\r\nTo: noor@delinde.test\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\nMessage-ID: <1@far.test>\r\n\r\nHallo\r\n';

async function world(sizeLimit = 1_000_000) {
  const clock = fakeClock(START);
  const dice = seededDice('pipeline');
  const store = memoryStore();
  const keyring = memoryKeyMaker(dice);
  const ids = new IdMaker(() => clock.now());
  const hasher = {
    decoy: 'x',
    hash: async (p: string) => p,
    verify: async (h: string, p: string) => h === p,
    scramKeys: async () => ({ stored: '00', server: '00' }),
  };
  const accounts = await openAccounts({ store: store.directory, keys: keyring, clock, dice, ids, hasher });
  const { organisation } = value(await accounts.addOrganisation({ name: 'De Linde', language: 'nl' }));
  value(await accounts.addDomain({ organisation, name: 'delinde.test' }));
  const people = value(
    await accounts.addPeople(['noor', 'bram'].map((name) => ({ organisation, address: `${name}@delinde.test`, name, password: PASSWORD }))),
  );
  const [noor, bram] = people as [Person, Person];
  value(await accounts.addAlias({ organisation, address: 'team@delinde.test', targets: ['noor@delinde.test', 'bram@delinde.test'] }));
  value(await accounts.addAlias({ organisation, address: 'out@delinde.test', targets: ['someone@away.test'] }));
  assert.equal(await accounts.addRelay({ name: 'relay.test', route: { to: 'fixed', host: '127.0.0.1', port: 9 } }), undefined);
  const mailboxes = openMailboxes({ store, keyring, clock, ids });
  const journal = openJournal({ keyring, ids });
  const reader = openReader({ store, keyring, accounts: { organisationOf: (account) => accounts.person(account)?.organisation } });
  const troubles: unknown[] = [];
  const queue = new Queue({
    store: store.queue,
    courier: { deliver: async () => ({ attempts: [], fates: [] }), close: async () => undefined },
    keyring,
    journal,
    clock,
    dice,
    ids,
    worker: 't',
    route: (domain) => ({ via: 'mx', domain }),
    report: async (_job, verdicts) => verdicts,
    onTrouble: (error) => troubles.push(error),
    limits: { total: 0, perLane: 1, waitingPerLane: 1 },
  });
  const pipeline = new Pipeline({
    store,
    keyring,
    journal,
    queue,
    ids,
    clock,
    dice,
    accounts,
    hostName: 'mail.delinde.test',
    sizeLimit,
    inboxOf: (account) => mailboxes.placeFor(account, 'inbox'),
    onTrouble: (error) => troubles.push(error),
    onAccepted: () => undefined,
  });

  const signedIn = (person: Person, senders: readonly string[] = []): Caller => ({
    ...STRANGER,
    protocol: 'ESMTPSA',
    signedIn: { person, credential: senders.length === 0 ? { kind: 'password' } : { kind: 'appPassword', id: 1, senders } },
  });
  const send = async (caller: Caller, from: string, recipients: readonly string[], content: string): Promise<Accepted | Refusal> => {
    const begun = pipeline.begin(caller.signedIn === null ? 'mx' : 'submission', caller, ask(from));
    if (isRefusal(begun)) return begun;
    for (const recipient of recipients) {
      const refusal = await begun.recipient(to(recipient));
      if (refusal !== undefined) {
        begun.abandon();
        await clock.advance(0);
        return refusal;
      }
    }
    const incoming = begun.content();
    await incoming.write(Buffer.from(content));
    return incoming.finish();
  };
  const inbox = async (person: Person) => {
    const account = await mailboxes.open(person.account);
    const box = value(await account.select(value(account.byPath('INBOX')).mailbox));
    const messages = await box.messages([...box.columns.uids.subarray(0, box.columns.count)]);
    return Promise.all(messages.map(async (message) => (await message.read(0, message.size)).toString()));
  };
  const story = async (person: Person, journey: JourneyId) => value(await reader.show({ as: 'person', account: person.account }, journey));
  return { accounts, pipeline, queue, reader, clock, noor, bram, organisation, troubles, send, inbox, story, signedIn, store };
}

test('a stranger’s mail is in the mailbox, with its trace, before 250 is said', async () => {
  const { send, inbox, noor, story, queue } = await world();
  const accepted = value(await send(STRANGER, 'anna@far.test', ['noor@delinde.test'], MAIL)) as Accepted;
  const [text = ''] = await inbox(noor);
  assert.ok(
    text.startsWith('Return-Path: <anna@far.test>\r\nReceived: from mx.far.test ([198.51.100.7])\r\n\tby mail.delinde.test with ESMTP id '),
    text,
  );
  assert.ok(text.includes(`id ${accepted.journey}\r\n\tfor <noor@delinde.test>;`));
  assert.ok(text.endsWith(MAIL));
  const { steps, subject, direction } = await story(noor, accepted.journey);
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ['received', 'filed'],
  );
  assert.equal(subject, 'Größe');
  assert.equal(direction, 'in');
  assert.deepEqual(await queue.list({}), []);
});

test('strangers reach our people only: relaying, unknown names and crafted forms are refused', async () => {
  const { send } = await world();
  const refused = async (address: string) => {
    const result = await send(STRANGER, 'anna@far.test', [address], MAIL);
    return isRefusal(result) ? result.refusal : 'accepted';
  };
  assert.equal(await refused('someone@far.test'), 'notARelay');
  assert.equal(await refused('nobody@delinde.test'), 'noSuchUser');
  assert.equal(await refused('noor%far.test@delinde.test'), 'noSuchUser');
  assert.equal(await refused('far.test!someone@delinde.test'), 'noSuchUser');
  assert.equal(await refused('someone@far.test@delinde.test'), 'noSuchUser');
  assert.equal(await refused('postmaster'), 'accepted');
  assert.equal(await refused('Abuse@DELINDE.test'), 'accepted');
  assert.equal(await refused('noor+school@delinde.test'), 'accepted');
});

test('one copy per person, and each sees their own line only', async () => {
  const { send, inbox, noor, bram, story } = await world();
  const accepted = value(await send(STRANGER, 'anna@far.test', ['noor@delinde.test', 'team@delinde.test'], MAIL)) as Accepted;
  assert.equal((await inbox(noor)).length, 1);
  assert.equal((await inbox(bram)).length, 1);
  assert.ok(!(await inbox(bram))[0]?.includes('for <'), 'the trace names no other recipient');
  const brams = await story(bram, accepted.journey);
  assert.deepEqual(
    brams.recipients.map(({ address }) => address),
    ['team@delinde.test'],
  );
  assert.ok(!JSON.stringify(brams).includes('noor@'));
});

test('a submitted message is repaired, loses Bcc and its program’s name, and is kept and queued in one commit', async () => {
  const { send, inbox, noor, bram, queue, signedIn, story } = await world();
  const content =
    'From: Noor <noor@delinde.test>\r\nTo: bram@delinde.test\r\nBcc: x@far.test\r\nUser-Agent: Pigeon 7\r\nX-Originating-IP: 198.51.100.7\r\nSubject: hi\r\n\r\ntext\r\n';
  const accepted = value(await send(signedIn(noor), 'noor@delinde.test', ['bram@delinde.test', 'x@far.test'], content)) as Accepted;
  const [text = ''] = await inbox(bram);
  assert.match(text, /^Received: by mail\.delinde\.test with ESMTPSA id [0-9a-z]{20};/m);
  assert.match(text, /^Date: /m);
  assert.match(text, new RegExp(`^Message-ID: <${accepted.journey}@delinde.test>`, 'm'));
  for (const secret of ['Bcc', 'x@far.test', 'Pigeon', '198.51.100.7', 'mx.far.test']) assert.ok(!text.includes(secret), secret);
  const [entry] = await queue.list({ owner: noor.account });
  assert.equal(entry?.to, 'x@far.test');
  assert.equal(entry?.journey, accepted.journey);
  const mine = await story(noor, accepted.journey);
  assert.deepEqual(
    mine.recipients.map(({ address, state }) => `${address} ${state}`).sort(),
    ['bram@delinde.test deliveredHere', 'x@far.test queued'].sort(),
  );
  const brams = await story(bram, accepted.journey);
  assert.ok(!JSON.stringify(brams).includes('198.51.100.7'), 'a colleague’s address is the colleague’s');
  assert.ok(!JSON.stringify(brams).includes('x@far.test'));
});

test('senders use their own addresses only, in the envelope and in the header (R-44)', async () => {
  const { send, noor, bram, signedIn, accounts } = await world();
  const mail = (from: string) => `From: <${from}>\r\nTo: <x@far.test>\r\n\r\n\r\n`;
  const name = async (caller: Caller, envelope: string, header: string) => {
    const result = await send(caller, envelope, ['x@far.test'], header);
    return isRefusal(result) ? result.refusal : 'accepted';
  };
  assert.equal(await name(signedIn(noor), 'bram@delinde.test', mail('noor@delinde.test')), 'senderNotYours');
  assert.equal(await name(signedIn(noor), 'noor@delinde.test', mail('bram@delinde.test')), 'headerFromNotYours');
  assert.equal(
    await name(signedIn(noor), 'noor@delinde.test', `From: noor@delinde.test\r\nSender: bram@delinde.test\r\n\r\n`),
    'headerFromNotYours',
  );
  assert.equal(await name(signedIn(noor), 'noor@delinde.test', `From: noor@delinde.test\r\nFrom: bram@delinde.test\r\n\r\n`), 'badHeader');
  assert.equal(
    await name(signedIn(noor), 'noor@delinde.test', `From: noor@delinde.test\r\nthis is no field\r\nBcc: x@y.test\r\n\r\n`),
    'badHeader',
  );
  assert.equal(await name(signedIn(noor), 'noor+x@delinde.test', mail('noor+x@delinde.test')), 'accepted');
  assert.equal(await name(signedIn(noor), '', mail('noor@delinde.test')), 'accepted');
  assert.equal(await name(signedIn(noor, ['other@delinde.test']), 'noor@delinde.test', mail('noor@delinde.test')), 'senderNotYours');
  await accounts.changePerson(bram.account, { state: 'sendingPaused' });
  assert.equal(await name(signedIn(bram), 'bram@delinde.test', mail('bram@delinde.test')), 'accountPaused');
});

test('an alias that leads outside sends on as the postmaster; a second owner must come separately', async () => {
  const { send, queue, organisation } = await world();
  value(await send(STRANGER, 'anna@far.test', ['out@delinde.test'], MAIL));
  const [entry] = await queue.list({ owner: organisation });
  assert.deepEqual([entry?.from, entry?.to], ['postmaster@delinde.test', 'someone@away.test']);
  const mixed = await send(STRANGER, 'anna@far.test', ['out@delinde.test', 'x@relay.test'], MAIL);
  assert.equal(isRefusal(mixed) ? mixed.refusal : '', 'tooManyRecipients');
  value(await send(STRANGER, 'anna@far.test', ['x@relay.test'], MAIL));
  assert.equal((await queue.list({ owner: SERVER_OWNER }))[0]?.from, 'anna@far.test');
});

test('what is refused is told to the one it was for, with our words, and to the admins when it was for nobody', async () => {
  const { send, reader, noor, organisation, pipeline, clock, troubles } = await world(1000);
  const begun = value(pipeline.begin('mx', STRANGER, ask('anna@far.test', { size: 5000 })));
  assert.ok(!isRefusal(begun));
  const refusal = await begun.recipient(to('noor@delinde.test'));
  assert.equal(refusal?.refusal, 'tooBig');
  begun.abandon();
  await clock.advance(0);
  const [mine] = await reader.list({ as: 'person', account: noor.account }, { limit: 5 });
  assert.deepEqual(troubles, []);
  const step = mine?.steps[0];
  assert.ok(step?.kind === 'refused');
  assert.match(step.reply.lines[0] ?? '', /^552 5\.3\.4 .*\[[0-9a-z]{20}\]$/);
  const big = await send(STRANGER, 'anna@far.test', ['noor@delinde.test'], `Subject: x\r\n\r\n${'x'.repeat(2000)}\r\n`);
  assert.equal(isRefusal(big) ? big.refusal : '', 'tooBig');
  await send(STRANGER, 'anna@far.test', ['nobody@delinde.test'], MAIL);
  await clock.advance(0);
  assert.equal((await reader.list({ as: 'person', account: noor.account }, { limit: 5 })).length, 2);
  const admins = await reader.list({ as: 'admin', organisation }, { limit: 5 });
  assert.ok(
    admins.some(({ recipients }) => recipients.some(({ address, state }) => address === 'nobody@delinde.test' && state === 'refused')),
  );
});

test('mail that went through a hundred servers is stopped; a hundred are allowed', async () => {
  const { send } = await world();
  const hops = (count: number) => `${'Received: from a by b; Mon, 23 Nov 2026 09:00:00 +0000\r\n'.repeat(count)}${MAIL}`;
  const loop = await send(STRANGER, 'anna@far.test', ['noor@delinde.test'], hops(100));
  assert.equal(isRefusal(loop) ? loop.refusal : '', 'loop');
  value(await send(STRANGER, 'anna@far.test', ['noor@delinde.test'], hops(99)));
});

test('SECURITY: what goes on to other servers holds no NUL, which some of them drop and then see another end of the message', async () => {
  const { send, noor, signedIn } = await world();
  const content = 'From: noor@delinde.test\r\n\r\na\r\n\0.\r\nMAIL FROM:<x>\r\n';
  const name = async (...ask: Parameters<typeof send>): Promise<string> => {
    const said = await send(...ask);
    return isRefusal(said) ? said.refusal : 'taken';
  };
  assert.equal(await name(signedIn(noor), 'noor@delinde.test', ['someone@away.test'], content), 'badMessage');
  assert.equal(await name(STRANGER, 'anna@far.test', ['out@delinde.test'], content), 'badMessage');
  assert.equal(await name(STRANGER, 'anna@far.test', ['noor@delinde.test'], content), 'taken');
});

test('a large message is written as it comes, header edited, and reads back whole', async () => {
  const { pipeline, inbox, noor, bram, signedIn } = await world(60_000_000);
  const begun = value(pipeline.begin('submission', signedIn(noor), ask('noor@delinde.test')));
  assert.ok(!isRefusal(begun));
  assert.equal(await begun.recipient(to('bram@delinde.test')), undefined);
  const incoming = begun.content();
  await incoming.write(Buffer.from('From: noor@delinde.test\r\nBcc: secret@far.test\r\nSubject: big\r\n\r\n'));
  const line = Buffer.from(`${'0123456789'.repeat(7)}\r\n`.repeat(1000));
  for (let times = 0; times < 40; times++) await incoming.write(line);
  value(await incoming.finish());
  const [text = ''] = await inbox(bram);
  assert.ok(!text.includes('secret@far.test'));
  assert.equal(text.length - text.indexOf('\r\n\r\n') - 4, line.length * 40);
});

test('the same bounce taken twice is one message', async () => {
  const { pipeline, inbox, noor, organisation } = await world();
  const mail = {
    origin: 'bounce',
    envelope: { from: '', recipients: [to('noor@delinde.test')], returnContent: null, envelopeId: null, smtpUtf8: false, body: '7bit' },
    content: Buffer.from(MAIL),
    owner: organisation,
    effectId: Buffer.alloc(16, 7),
  } as const;
  value(await pipeline.take(mail));
  value(await pipeline.take(mail));
  assert.equal((await inbox(noor)).length, 1);
});

test('what is not told is counted: beyond a transaction’s bound, said again, foreign, no address, at MAIL FROM, and when the store fails', async () => {
  const { pipeline, reader, clock, noor, organisation, signedIn, store } = await world(100);
  const begin = (): Transaction => value(pipeline.begin('mx', STRANGER, ask('anna@far.test', { size: 200 })));
  const counts = async (viewer: Viewer): Promise<Record<string, number>> => {
    await clock.advance(60_000);
    const [hour] = (await reader.list(viewer, { limit: 99 })).flatMap(({ steps }) => steps.filter((step) => step.kind === 'tallied'));
    return { ...hour?.refusals };
  };
  const school: Viewer = { as: 'admin', organisation };
  const tellings = async (viewer: Viewer): Promise<number> =>
    (await reader.list(viewer, { limit: 99 })).flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'refused')).length;

  const many = begin();
  for (let n = 0; n < 60; n++) await many.recipient(to(`n${n}@delinde.test`));
  many.abandon();
  assert.deepEqual([await tellings(school), await counts(school)], [50, { tooBig: 10 }]);

  const again = begin();
  for (let n = 0; n < 3; n++) await again.recipient(to('noor@delinde.test'));
  await again.recipient(to('x@foreign.test'));
  await again.recipient(to('x@xn--zzzzzz99999.test'));
  again.abandon();
  assert.deepEqual([await tellings(school), await counts(school)], [51, { tooBig: 12 }]);
  assert.deepEqual(await counts({ as: 'operator' }), { tooBig: 13, badRecipientAddress: 1 });

  const forged = pipeline.begin('submission', signedIn(noor), ask('bram@delinde.test'));
  assert.ok(isRefusal(forged));
  assert.deepEqual(await counts(school), { tooBig: 12, senderNotYours: 1 });

  const real = store.journeys.bind(store);
  let isBroken = true;
  Object.assign(store, {
    journeys: (owner: OwnerId) => ({
      ...real(owner),
      add: (rows: readonly StepRow[]) => (isBroken ? Promise.reject(new Fault('unavailable', 'no disk')) : real(owner).add(rows)),
    }),
  });
  const lost = begin();
  for (const name of ['noor', 'bram']) await lost.recipient(to(`${name}@delinde.test`));
  lost.abandon();
  await clock.advance(0);
  isBroken = false;
  assert.deepEqual([await tellings(school), await counts(school)], [51, { tooBig: 14, senderNotYours: 1 }]);

  const last = begin();
  for (let n = 0; n < 2; n++) await last.recipient(to('noor@delinde.test'));
  last.abandon();
  await pipeline.close();
  assert.equal(clock.waiting(), 0, 'all is written at the end');
});
