/** Mail that waits for its time, and comes home to people of the house. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { IdMaker, type JourneyId } from '../../core/ids.ts';
import type { Arrived, Returning } from '../../core/ports/intake.ts';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import { openAccounts, type Person } from '../accounts/accounts.ts';
import { openJournal, openReader } from '../journey/journey.ts';
import { openMailboxes } from '../mailboxes/mailboxes.ts';
import { Queue } from '../queue/queue.ts';
import { Pipeline } from './pipeline.ts';
import type { Accepted } from './transaction.ts';

const START = Date.UTC(2026, 10, 23, 9);
const HOUR = 3_600_000;
const CONTENT = 'From: noor@delinde.test\r\nBcc: bram@delinde.test\r\nSubject: later\r\n\r\nHi\r\n';

function value<T>(result: T): Exclude<T, Refusal | undefined> {
  if (result === undefined || isRefusal(result)) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result as Exclude<T, Refusal | undefined>;
}

async function world() {
  const clock = fakeClock(START);
  const dice = seededDice('arrive');
  const store = memoryStore();
  const keyring = memoryKeyMaker(dice);
  const ids = new IdMaker(() => clock.now());
  const accounts = await openAccounts({ store: store.directory, keys: keyring, clock, dice, ids });
  const { organisation } = value(await accounts.addOrganisation({ name: 'De Linde', language: 'nl' }));
  value(await accounts.addDomain({ organisation, name: 'delinde.test' }));
  const people = value(
    await accounts.addPeople(
      ['noor', 'bram', 'full'].map((name) => ({
        organisation,
        address: `${name}@delinde.test`,
        name,
        password: accounts.makePassword(),
        quota: name === 'full' ? 1 : 0,
      })),
    ),
  );
  const [noor, bram] = people as [Person, Person];
  value(await accounts.addAlias({ organisation, address: 'team@delinde.test', targets: ['bram@delinde.test'] }));
  value(await accounts.addAlias({ organisation, address: 'out@delinde.test', targets: ['someone@away.test', 'bram@delinde.test'] }));
  const mailboxes = openMailboxes({ store, keyring, clock, ids });
  const journal = openJournal({ keyring, ids });
  const reader = openReader({ store, keyring, accounts: { organisationOf: (account) => accounts.person(account)?.organisation } });
  const troubles: unknown[] = [];
  const reported: string[] = [];
  const arrivals: (readonly Arrived[])[] = [];
  const queue: Queue = new Queue({
    store: store.queue,
    courier: { deliver: async () => ({ attempts: [], fates: [] }), close: async () => undefined },
    keyring,
    journal,
    clock,
    dice,
    ids,
    worker: 't',
    route: (domain) => (domain === 'delinde.test' ? { via: 'here', arrive } : { via: 'mx', domain }),
    report: async (_job, verdicts) => {
      for (const { item, report } of verdicts) if (report !== null) reported.push(`${report} ${item.known.recipient.address}`);
      return verdicts;
    },
    onTrouble: (error) => troubles.push(error),
  });
  const pipeline: Pipeline = new Pipeline({
    store,
    keyring,
    journal,
    queue,
    ids,
    clock,
    dice,
    accounts,
    hostName: 'mail.delinde.test',
    sizeLimit: 1_000_000,
    inboxOf: (account) => mailboxes.placeFor(account, 'inbox'),
    onTrouble: (error) => troubles.push(error),
    onAccepted: () => undefined,
  });
  const mails: Returning[] = [];
  const arrive = async (mail: Returning): Promise<readonly Arrived[]> => {
    mails.push(mail);
    const arrived = await pipeline.arrive(mail);
    arrivals.push(arrived);
    return arrived;
  };
  const send = async (recipients: readonly string[], releaseAt: number | null = START + HOUR): Promise<Accepted> => {
    const caller = {
      peer: { ip: '198.51.100.7' },
      tls: null,
      protocol: 'HTTP',
      signedIn: { person: noor, credential: { kind: 'password' } },
    } as const;
    const ask = {
      from: noor.address,
      size: null,
      body: '7bit',
      smtpUtf8: false,
      returnContent: null,
      envelopeId: null,
      releaseAt,
    } as const;
    const transaction = value(pipeline.begin('jmap', caller, ask));
    for (const address of recipients)
      assert.equal(await transaction.recipient({ address, notify: null, originalRecipient: null }), undefined);
    const incoming = transaction.content();
    await incoming.write(Buffer.from(CONTENT));
    return value(await incoming.finish());
  };
  const inbox = async (person: Person): Promise<readonly string[]> => {
    const account = await mailboxes.open(person.account);
    const box = value(await account.select(value(account.byPath('INBOX')).mailbox));
    const messages = await box.messages([...box.columns.uids.subarray(0, box.columns.count)]);
    return Promise.all(messages.map(async (message) => (await message.read(0, message.size)).toString()));
  };
  const story = async (person: Person, journey: JourneyId) => value(await reader.show({ as: 'person', account: person.account }, journey));
  return { accounts, pipeline, queue, clock, noor, bram, troubles, reported, arrivals, mails, send, inbox, story };
}

test('nobody gets it before its time, and then everybody once, with one journey', async () => {
  const { send, inbox, clock, queue, noor, bram, story, troubles, mails, pipeline } = await world();
  const accepted = await send(['bram@delinde.test', 'team@delinde.test', 'anna@far.test', 'BRAM+x@delinde.test']);
  assert.deepEqual([accepted.filed, accepted.queued.length], [0, 4]);
  await clock.advance(HOUR - 1);
  assert.deepEqual(await inbox(bram), []);
  const before = await story(noor, accepted.journey);
  assert.deepEqual(new Set(before.recipients.map(({ state, nextAt }) => `${state} ${nextAt}`)), new Set([`queued ${START + HOUR}`]));
  await clock.advance(1_000);
  const [text = '', ...others] = await inbox(bram);
  assert.deepEqual(others, []);
  assert.match(text, /^Return-Path: <noor@delinde.test>\r\nReceived: by mail\.delinde\.test with HTTP id /);
  assert.ok(text.includes('Subject: later') && !text.includes('Bcc') && !text.includes('198.51.100.7'));
  assert.deepEqual(
    (await queue.list({})).map(({ to }) => to),
    ['anna@far.test'],
  );
  const after = await story(noor, accepted.journey);
  const states = new Map(after.recipients.map(({ address, state }) => [address, state]));
  assert.deepEqual([states.get('bram@delinde.test'), states.get('team@delinde.test')], ['deliveredHere', 'deliveredHere']);
  assert.equal(after.steps.filter(({ kind }) => kind === 'received' || kind === 'accepted').length, 2);
  const theirs = await story(bram, accepted.journey);
  assert.deepEqual(
    theirs.steps.map(({ kind }) => kind),
    ['received', 'filed'],
  );
  assert.ok(!JSON.stringify(theirs).includes('anna@'));
  // A crash between filing and writing that down: the queue asks again, with whatever part of it is left.
  const mail = mails[0] ?? assert.fail();
  assert.deepEqual(
    await pipeline.arrive({
      ...mail,
      content: async function* () {
        yield Buffer.from(CONTENT);
      },
    }),
    ['filed', 'filed', 'filed'],
  );
  assert.deepEqual(
    await pipeline.arrive({
      ...mail,
      envelope: { ...mail.envelope, recipients: mail.envelope.recipients.slice(0, 1) },
      content: async function* () {
        yield Buffer.from(CONTENT);
      },
    }),
    ['filed'],
  );
  assert.equal((await inbox(bram)).length, 1);
  assert.deepEqual(troubles, []);
});

test('who left meanwhile is reported, a full mailbox is tried again, and colleagues get theirs all the same', async () => {
  const { send, clock, accounts, noor, bram, story, reported, inbox, queue } = await world();
  const away = value(
    await accounts.addPeople([
      { organisation: noor.organisation, address: 'away@delinde.test', name: 'a', password: accounts.makePassword() },
    ]),
  )[0];
  const { journey } = await send(['away@delinde.test', 'full@delinde.test', 'bram@delinde.test']);
  assert.equal(await accounts.removePerson(value(away).account), undefined);
  await clock.advance(HOUR + 1_000);
  assert.equal((await inbox(bram)).length, 1);
  assert.deepEqual(reported, ['failure away@delinde.test']);
  const { recipients } = await story(noor, journey);
  assert.deepEqual(
    recipients.map(({ address, state }) => `${address} ${state}`),
    ['away@delinde.test bounced', 'full@delinde.test deferred', 'bram@delinde.test deliveredHere'],
  );
  assert.deepEqual(
    (await queue.list({})).map(({ to, lastReply }) => [to, lastReply?.[0]?.slice(0, 9)]),
    [['full@delinde.test', '452 4.2.2']],
  );
});

test('an alias that leads outside is followed when the time has come', async () => {
  const { send, clock, noor, bram, story, inbox, queue, mails, pipeline } = await world();
  const { journey } = await send(['out@delinde.test']);
  await clock.advance(HOUR + 1_000);
  assert.equal((await inbox(bram)).length, 1);
  const [entry, ...others] = await queue.list({});
  assert.deepEqual([entry?.to, entry?.from, entry?.journey, others], ['someone@away.test', 'noor@delinde.test', journey, []]);
  const states = (await story(noor, journey)).recipients.map(({ address, state }) => [address, state]);
  assert.ok(
    states.some(([address]) => address === 'someone@away.test'),
    JSON.stringify(states),
  );
  const mail = mails[0] ?? assert.fail();
  await pipeline.arrive({
    ...mail,
    content: async function* () {
      yield Buffer.from(CONTENT);
    },
  });
  assert.deepEqual([(await inbox(bram)).length, (await queue.list({})).length], [1, 1]);
});

test('without a time, or with one that is past, it goes at once', async () => {
  const { send, inbox, bram } = await world();
  const now = await send(['bram@delinde.test'], null);
  assert.deepEqual([now.filed, now.queued], [1, []]);
  await send(['bram@delinde.test'], START);
  assert.equal((await inbox(bram)).length, 2);
});
