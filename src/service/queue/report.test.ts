/** Who gets a delivery report, and what is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDsn } from '../../codec/report/dsn-parse.ts';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { type BlobId, IdMaker, type JourneyId, type OrganisationId, SERVER_OWNER } from '../../core/ids.ts';
import type { Courier, Fate } from '../../core/ports/courier.ts';
import type { OwnMail } from '../../core/ports/intake.ts';
import { sealBody } from '../../lib/body-cipher.ts';
import { openJournal } from '../journey/journey.ts';
import { type Outgoing, Queue, Reporter } from './queue.ts';

const START = Date.UTC(2026, 10, 23, 8);
const OWNER = 7001 as OrganisationId;
const REFUSED: Fate = {
  fate: 'never',
  stage: 'rcpt',
  host: 'mx.far.test',
  reply: { code: 550, enhanced: '5.1.1', lines: ['550 5.1.1 nobody'] },
};

async function fail(outgoing: Pick<Outgoing, 'origin'> & Readonly<{ from: string }>, domains: readonly string[] = ['delinde.test']) {
  const clock = fakeClock(START);
  const dice = seededDice('reports');
  const keyring = memoryKeyring(dice);
  keyring.add(OWNER);
  const ids = new IdMaker(() => clock.now());
  const store = memoryStore();
  const taken: OwnMail[] = [];
  const troubles: unknown[] = [];
  const accounts = {
    resolve: ({ domain }: Readonly<{ domain: string }>) =>
      domains.includes(domain)
        ? ({ found: 'local', organisation: OWNER, through: 'direct', detail: null, targets: [] } as const)
        : ({ found: 'foreign' } as const),
    person: () => undefined,
    domains: () => domains.map((name) => ({ domain: 1 as never, organisation: OWNER, name })),
  };
  const intake = { take: async (mail: OwnMail) => ({ journey: (taken.push(mail), '00000000000000000000' as JourneyId) }) };
  const reporter = new Reporter({ accounts, store: store.queue, clock, dice, hostName: 'mail.delinde.test', intake });
  const courier: Courier = { deliver: async () => ({ attempts: [], fates: [REFUSED] }), close: async () => undefined };
  const queue = new Queue({
    store: store.queue,
    courier,
    keyring,
    journal: openJournal({ keyring, ids }),
    clock,
    dice,
    ids,
    worker: 't',
    route: (domain) => ({ via: 'mx', domain }),
    report: (job, verdicts) => reporter.report(job, verdicts),
    onTrouble: (error) => troubles.push(error),
  });
  const bodyKey = keyring.bodyKey();
  const plain = Buffer.from('Subject: lost and found\r\n\r\nbody\r\n');
  const { from, origin } = outgoing;
  const message = queue.pack({
    owner: origin === 'relay' ? SERVER_OWNER : OWNER,
    outgoing: {
      journey: '0000000000000000000j' as JourneyId,
      organisation: null,
      origin,
      envelope: { from, returnContent: null, envelopeId: null, smtpUtf8: false, body: '7bit' },
      bodyKey: Buffer.from(bodyKey).toString('base64'),
      skip: 0,
      has8Bit: false,
      subject: 'lost and found',
    },
    recipients: [{ address: 'x@far.test', notify: null, originalRecipient: null }],
    body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: sealBody(bodyKey, plain) },
    size: plain.length,
  });
  await queue.accept(message, []);
  await clock.advance(100);
  assert.deepEqual(troubles, []);
  return { taken, entries: await queue.list({}) };
}

test('our own sender gets the report, with the code and the message, from nobody', async () => {
  const { taken, entries } = await fail({ origin: 'submission', from: 'noor@delinde.test' });
  const [mail] = taken;
  assert.ok(mail !== undefined);
  assert.equal(mail.envelope.from, '');
  assert.deepEqual(
    mail.envelope.recipients.map(({ address }) => address),
    ['noor@delinde.test'],
  );
  const read = parseDsn(Buffer.from(mail.content));
  assert.ok(read.ok);
  const text = Buffer.from(mail.content).toString();
  assert.match(text, /Action: failed/);
  assert.match(text, /Status: 5\.1\.1/);
  assert.match(text, /lost and found/);
  assert.deepEqual(entries, []);
});

test('a stranger’s address is never written to, and a message without a sender is never reported', async () => {
  for (const outgoing of [
    { origin: 'redirect', from: 'anna@far.test' },
    { origin: 'submission', from: '' },
  ] as const) {
    assert.deepEqual((await fail(outgoing)).taken, []);
  }
});

test('what only passes through comes back to our postmaster, or is held where there is none', async () => {
  const { taken } = await fail({ origin: 'relay', from: 'anna@far.test' });
  assert.deepEqual(
    taken[0]?.envelope.recipients.map(({ address }) => address),
    ['postmaster@delinde.test'],
  );
  const report = Buffer.from(taken[0]?.content ?? '').toString();
  assert.match(report, /body/);
  assert.match(report, /A message of anna@far\.test was not delivered to:/);
  assert.doesNotMatch(report, /Your message|Je bericht/);
  const { taken: none, entries } = await fail({ origin: 'relay', from: 'anna@far.test' }, []);
  assert.deepEqual(none, []);
  assert.equal(entries[0]?.held, true);
});
