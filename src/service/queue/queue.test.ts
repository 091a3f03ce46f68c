/** The queue over the memory store, a courier that says what the test wants, and a clock that the test moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { type BlobId, IdMaker, type JourneyId, type OrganisationId } from '../../core/ids.ts';
import type { Courier, Delivery, Errand, Fate } from '../../core/ports/courier.ts';
import type { Notify } from '../../core/envelope.ts';
import type { Step } from '../../core/step.ts';
import { sealBody } from '../../lib/body-cipher.ts';
import { openJournal } from '../journey/journey.ts';
import { Queue, type QueueParts } from './queue.ts';
import type { Verdict } from './settle.ts';

const START = Date.UTC(2026, 10, 23, 8);
const OWNER = 7001 as OrganisationId;
const HOUR = 3_600_000;

const reply = (code: number, enhanced: string, text: string) => ({ code, enhanced, lines: [`${code} ${enhanced} ${text}`] });
const sent: Fate = { fate: 'sent', host: 'mx.far.test', reply: reply(250, '2.0.0', 'ok'), tls: null };
const later: Fate = { fate: 'later', stage: 'rcpt', host: 'mx.far.test', reply: reply(451, '4.7.1', 'greylisted') };
const never: Fate = { fate: 'never', stage: 'rcpt', host: 'mx.far.test', reply: reply(550, '5.1.1', 'nobody') };

/** A courier whose answers are written beforehand, one per errand; the last one repeats. */
function scriptedCourier(script: readonly ((errand: Errand) => Fate[])[]): Courier & { errands: Errand[]; bodies: string[] } {
  const errands: Errand[] = [];
  const bodies: string[] = [];
  return {
    errands,
    bodies,
    async deliver(errand): Promise<Delivery> {
      const answer = script[Math.min(errands.length, script.length - 1)];
      errands.push(errand);
      const content = errand.content();
      bodies.push(Buffer.from(content as Uint8Array).toString());
      const attempt = { host: 'mx.far.test', tls: null, tookMs: 12, dialogue: ['C: MAIL', 'S: 250 ok'] };
      return { attempts: [attempt], fates: answer?.(errand) ?? [] };
    },
    close: async () => undefined,
  };
}

function world(script: readonly ((errand: Errand) => Fate[])[], extra: Partial<QueueParts> = {}) {
  const clock = fakeClock(START);
  const dice = seededDice(1);
  const keyring = memoryKeyring(dice);
  keyring.add(OWNER);
  const ids = new IdMaker(() => clock.now());
  const store = memoryStore();
  const courier = scriptedCourier(script);
  const reports: Verdict[][] = [];
  const troubles: unknown[] = [];
  const steps: Step[] = [];
  const inner = openJournal({ keyring, ids });
  const journal: typeof inner = {
    rows(entry) {
      steps.push(...entry.steps);
      return inner.rows(entry);
    },
  };
  const queue = new Queue({
    store: store.queue,
    courier,
    keyring,
    journal,
    clock,
    dice,
    ids,
    worker: 'test',
    route: (domain) => ({ via: 'mx', domain }),
    report: async (_job, verdicts) => {
      reports.push([...verdicts]);
      return verdicts;
    },
    onTrouble: (error) => troubles.push(error),
    ...extra,
  });
  const put = async (recipients: readonly string[], held = false, notify: Notify | null = null, dueAt = START): Promise<void> => {
    const bodyKey = keyring.bodyKey();
    const plain = Buffer.from('Return-Path: <a@b>\r\nSubject: hello\r\n\r\nbody\r\n');
    const message = queue.pack({
      owner: OWNER,
      outgoing: {
        journey: '0000000000000000000j' as JourneyId,
        organisation: null,
        origin: 'submission',
        envelope: { from: 'noor@delinde.test', returnContent: null, envelopeId: null, smtpUtf8: false, body: '7bit' },
        bodyKey: Buffer.from(bodyKey).toString('base64'),
        skip: 20,
        has8Bit: false,
        subject: 'hello',
      },
      recipients: recipients.map((address) => ({ address, notify, originalRecipient: null })),
      body: { kind: 'inline', blob: ids.next<BlobId>(), sealed: sealBody(bodyKey, plain) },
      size: plain.length,
      held,
      dueAt,
    });
    await queue.accept(message, []);
  };
  return { clock, courier, reports, troubles, steps, queue, put };
}

const kinds = (steps: readonly Step[]): string[] => steps.map(({ kind }) => kind);

test('a message goes out once, without the octets that stay here, and leaves nothing behind', async () => {
  const { clock, courier, queue, put, steps, troubles } = world([() => [sent]]);
  await put(['anna@far.test']);
  await clock.advance(10);
  assert.deepEqual(
    courier.errands.map(({ envelope }) => envelope.recipients.map(({ address }) => address)),
    [['anna@far.test']],
  );
  assert.equal(courier.bodies[0], 'Subject: hello\r\n\r\nbody\r\n');
  assert.deepEqual(kinds(steps), ['tried', 'sent']);
  assert.deepEqual(await queue.list({}), []);
  assert.deepEqual(troubles, []);
});

test('recipients of one domain share an errand, others get their own', async () => {
  const { clock, courier, put } = world([(errand) => errand.envelope.recipients.map(() => sent)]);
  await put(['a@far.test', 'b@near.test', 'c@FAR.test']);
  await clock.advance(10);
  const trips = courier.errands.map(({ envelope }) => envelope.recipients.map(({ address }) => address).join()).sort();
  assert.deepEqual(trips, ['a@far.test,c@FAR.test', 'b@near.test']);
});

test('a temporary no is tried again on the plan and tells when', async () => {
  const { clock, courier, queue, put, steps } = world([() => [later], () => [later], () => [sent]]);
  await put(['anna@far.test']);
  await clock.advance(10);
  const [entry] = await queue.list({});
  assert.ok(entry !== undefined);
  assert.equal(entry.tries, 1);
  assert.deepEqual(entry.lastReply, ['451 4.7.1 greylisted']);
  assert.ok(entry.nextAt > START + 50_000 && entry.nextAt < START + 70_000, 'about a minute');
  await clock.advance(80_000);
  assert.equal(courier.errands.length, 2);
  await clock.advance(6 * 60_000);
  assert.deepEqual(kinds(steps), ['tried', 'deferred', 'tried', 'deferred', 'tried', 'sent']);
  assert.deepEqual(await queue.list({}), []);
});

test('one recipient may fail while another is taken; only the failure is reported', async () => {
  const { clock, queue, put, reports, steps } = world([() => [sent, never]]);
  await put(['a@far.test', 'gone@far.test']);
  await clock.advance(10);
  assert.deepEqual(
    reports.map((list) => list.filter(({ report }) => report === 'failure').map(({ item }) => item.known.recipient.address)),
    [['gone@far.test']],
  );
  assert.deepEqual(kinds(steps).sort(), ['bounced', 'sent', 'tried', 'tried']);
  assert.deepEqual(await queue.list({}), []);
});

test('a delay is told once, after an hour; after five days the queue gives up and says so', async () => {
  const { clock, courier, queue, put, reports, steps } = world([() => [later]]);
  await put(['anna@far.test']);
  for (let hour = 0; hour < 5 * 24 + 5; hour++) await clock.advance(HOUR);
  const told = reports.flatMap((list) => list.map(({ report }) => report));
  assert.deepEqual(told, ['delay', 'failure']);
  assert.equal(steps.at(-1)?.kind, 'expired');
  assert.ok(courier.errands.length > 25 && courier.errands.length < 50, `${courier.errands.length} tries`);
  assert.deepEqual(await queue.list({}), []);
});

test('people hold, release, hurry and cancel their own mail, and each act is a step', async () => {
  const { clock, courier, queue, put, steps } = world([() => [later]]);
  await put(['anna@far.test']);
  await clock.advance(10);
  const [entry] = await queue.list({ owner: OWNER });
  assert.ok(entry !== undefined);
  const noor = { owner: OWNER, name: 'noor@delinde.test' };
  const stranger = { owner: 9009 as OrganisationId, name: 'x' };
  assert.equal((await queue.act(entry.item, 'remove', stranger))?.refusal, 'notFound');
  assert.equal(await queue.act(entry.item, 'hold', noor), undefined);
  await clock.advance(2 * HOUR);
  assert.equal(courier.errands.length, 1, 'held mail stays');
  assert.equal((await queue.act(entry.item, 'hurry', noor))?.refusal, 'notAllowed', 'held mail is released first');
  assert.equal(await queue.act(entry.item, 'release', noor), undefined);
  await clock.advance(1000);
  assert.equal(courier.errands.length, 2);
  assert.equal(await queue.act(entry.item, 'hurry', noor), undefined);
  await clock.advance(1000);
  assert.equal(courier.errands.length, 3);
  assert.equal(await queue.act(entry.item, 'remove', noor), undefined);
  await clock.advance(24 * HOUR);
  assert.equal(courier.errands.length, 3);
  assert.deepEqual(
    steps.filter(({ kind }) => ['paused', 'released', 'hurried', 'cancelled'].includes(kind)).map(({ kind }) => kind),
    ['paused', 'released', 'hurried', 'cancelled'],
  );
  assert.deepEqual(await queue.list({}), []);
});

test('a message is called back whole or not at all', async () => {
  const { clock, courier, queue, put, steps } = world([(errand) => errand.envelope.recipients.map(() => later)]);
  const owner = { owner: OWNER, name: 'noor' };
  const items = async () => (await queue.list({})).map(({ item }) => item);
  await put(['a@far.test', 'b@near.test'], false, null, START + HOUR);
  await clock.advance(10);
  assert.equal(courier.errands.length, 0);
  const [entry] = await queue.list({});
  assert.deepEqual([entry?.nextAt, entry?.giveUpAt], [START + HOUR, START + HOUR + queue.giveUpMs]);
  const both = await items();
  const gone = await queue.cancelAll([...both, 7 as (typeof both)[number]], owner);
  assert.equal(gone?.refusal, 'notAllowed');
  assert.ok((await queue.list({})).every(({ held }) => !held));
  assert.equal((await queue.cancelAll(both, { owner: 4 as typeof OWNER, name: 'x' }))?.refusal, 'notAllowed');
  steps.length = 0;
  assert.equal(await queue.cancelAll(await items(), owner), undefined);
  assert.deepEqual(kinds(steps), ['cancelled', 'cancelled']);
  assert.deepEqual(await queue.list({}), []);
});

test('what waits for its time is not late when it first fails', async () => {
  const { clock, courier, reports, put, steps } = world([() => [later], () => [sent]]);
  await put(['a@far.test'], false, null, START + 24 * HOUR);
  await clock.advance(24 * HOUR - 1);
  assert.equal(courier.errands.length, 0);
  await clock.advance(60_000);
  assert.equal(courier.errands.length, 1);
  assert.deepEqual([kinds(steps), reports.flat().filter(({ report }) => report !== null)], [['tried', 'deferred'], []]);
});

test('a slow destination does not keep the others waiting', async () => {
  const waiting: (() => void)[] = [];
  const base = scriptedCourier([(errand) => errand.envelope.recipients.map(() => sent)]);
  const courier: Courier = {
    ...base,
    async deliver(errand) {
      const [first] = errand.envelope.recipients;
      if (first?.address.endsWith('@slow.test') === true) await new Promise<void>((resume) => waiting.push(resume));
      return base.deliver(errand);
    },
  };
  const { clock, put, queue } = world([() => []], { courier, limits: { total: 10, perLane: 2, waitingPerLane: 3 } });
  for (let index = 0; index < 12; index++) await put([`p${index}@slow.test`]);
  await put(['anna@quick.test']);
  await clock.advance(10);
  assert.deepEqual(
    base.errands.map(({ envelope }) => envelope.recipients[0]?.address),
    ['anna@quick.test'],
  );
  assert.equal(waiting.length, 2);
  for (let turn = 0; turn < 20; turn++) {
    for (const resume of waiting.splice(0)) resume();
    await clock.advance(3_000);
  }
  assert.equal(base.errands.length, 13);
  assert.deepEqual(await queue.list({}), []);
});

test('stopping gives back what has not begun, and it goes out after the next start', async () => {
  const { clock, put, queue, courier } = world([() => [sent]], { limits: { total: 0, perLane: 1, waitingPerLane: 100 } });
  await put(['anna@far.test']);
  await clock.advance(10);
  await queue.stop(1000);
  const [entry] = await queue.list({});
  assert.equal(entry?.tries, 0);
  assert.equal(courier.errands.length, 0);
  assert.equal((await queue.counts()).leased, 0);
});

test('handing over is reported where their server will not report itself', async () => {
  const asked = { never: false, success: true, failure: true, delay: false };
  for (const [reports, wanted] of [
    [false, ['relayed']],
    [true, [null]],
  ] as const) {
    const { clock, put, reports: told } = world([() => [{ ...sent, reports } as Fate]]);
    await put(['anna@far.test'], false, asked);
    await clock.advance(10);
    assert.deepEqual(told.length === 0 ? [null] : told.flatMap((list) => list.map(({ report }) => report)), wanted);
  }
});

test('stopping cuts an errand that hangs after ten seconds; the try does not count and nobody is told of it', async () => {
  const base = scriptedCourier([() => [sent]]);
  let begun = 0;
  const courier: Courier = {
    ...base,
    async deliver({ envelope, signal }) {
      begun++;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      const attempt = { host: 'mx.far.test', tls: null, tookMs: 12, dialogue: ['C: MAIL'] };
      const cut: Fate = { fate: 'later', stage: 'data', host: 'mx.far.test', reply: null, trouble: 'cancelled' };
      return { attempts: [attempt], fates: envelope.recipients.map((_, at) => (at === 1 ? sent : cut)) };
    },
  };
  const { clock, put, queue, steps, reports } = world([], { courier });
  await put(['anna@far.test', 'taken@far.test']);
  await clock.advance(10);
  assert.equal(begun, 1);
  let isStopped = false;
  const stopped = queue.stop(60_000).then(() => (isStopped = true));
  await clock.advance(9_000);
  assert.equal(isStopped, false);
  await clock.advance(2_000);
  assert.equal(isStopped, true);
  await stopped;
  const entries = await queue.list({});
  assert.deepEqual(
    entries.map(({ to, tries, lastTrouble, nextAt }) => [to, tries, lastTrouble, nextAt <= clock.now()]),
    [['anna@far.test', 0, null, true]],
  );
  assert.equal((await queue.counts()).leased, 0);
  // The one that was taken has its story, with the conversation.
  assert.deepEqual(kinds(steps), ['tried', 'sent']);
  assert.ok(steps[0]?.kind === 'tried' && steps[0].dialogue.length === 1);
  assert.deepEqual(reports, []);
});

test('a try that was cut while nobody was stopping counts: it was a fault of ours, and may come again', async () => {
  const cut: Fate = { fate: 'later', stage: 'data', host: 'mx.far.test', reply: null, trouble: 'cancelled' };
  const { clock, put, queue } = world([() => [cut]]);
  await put(['anna@far.test']);
  await clock.advance(10);
  assert.equal((await queue.list({}))[0]?.tries, 1);
});
