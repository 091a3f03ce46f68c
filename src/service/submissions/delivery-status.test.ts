/** Replies on one line (RFC 8621 §7), and what states come to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JourneyId } from '../../core/ids.ts';
import type { Step } from '../../core/step.ts';
import type { Journey, RecipientState } from '../journey/journey.ts';
import { replyText, standing } from './delivery-status.ts';
import type { SubmissionRecord } from './submission.ts';

test('a reply of several lines becomes one, and what they share is said once', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['250 2.0.0 ok'], '250 2.0.0 ok'],
    [
      ['550-5.7.1 Our system has detected that this message is', '550 5.7.1 likely spam.'],
      '550 5.7.1 Our system has detected that this message is likely spam.',
    ],
    [['550-5.7.1 Our rules', '550-5.7.1 Other rules', '550 5.7.1 More'], '550 5.7.1 Our rules Other rules More'],
    [['451-later', '451 please'], '451 later please'],
    [['250-same', '250 same'], '250 same '],
    [[], ''],
    [[`550 ${'x'.repeat(2_000)}`], `550 ${'x'.repeat(496)}`],
  ];
  for (const [lines, text] of cases) assert.equal(replyText({ code: 550, enhanced: null, lines }), text);
});

const at = 0;
const record = (emails: readonly string[], more: Partial<SubmissionRecord> = {}): SubmissionRecord => ({
  identity: 1,
  email: 1 as SubmissionRecord['email'],
  thread: 1 as SubmissionRecord['thread'],
  envelope: { mailFrom: { email: 'a@b.example', parameters: null }, rcptTo: emails.map((email) => ({ email, parameters: null })) },
  sendAt: 0,
  journey: 'j' as JourneyId,
  items: [],
  isFiled: false,
  undoStatus: 'pending',
  delivery: [],
  ...more,
});
const journey = (states: Readonly<Record<string, RecipientState>>, steps: readonly Step[] = []): Journey => ({
  journey: 'j' as JourneyId,
  seat: 'sender',
  direction: 'out',
  startedAt: 0,
  updatedAt: 0,
  from: 'a@b.example',
  subject: null,
  messageId: null,
  recipients: Object.entries(states).map(([address, state]) => ({ address, state, nextAt: null, giveUpAt: null })),
  steps,
});

test('it may be called back as long as all of it is here', () => {
  const cases: readonly (readonly [readonly RecipientState[], Partial<SubmissionRecord>, string])[] = [
    [['queued', 'deferred', 'held'], {}, 'pending'],
    [['queued', 'acceptedByRemote'], {}, 'final'],
    [['queued', 'deliveredHere'], {}, 'final'],
    [['bounced'], {}, 'final'],
    [['queued'], { isFiled: true }, 'final'],
    [['cancelled', 'cancelled'], {}, 'canceled'],
    [['cancelled', 'queued'], {}, 'final'],
    [['cancelled', 'acceptedByRemote'], {}, 'final'],
    [['queued'], { undoStatus: 'final' }, 'final'],
    [['unknown'], { undoStatus: 'canceled' }, 'canceled'],
  ];
  for (const [states, more, expected] of cases) {
    const emails = states.map((_, index) => `r${index}@x.example`);
    const stands = standing(
      record(emails, more),
      journey(Object.fromEntries(emails.map((email, index) => [email, states[index] ?? 'unknown']))),
    );
    assert.equal(stands.undoStatus, expected, states.join());
  }
});

test('recipients are found by either form of their domain, and what was said last counts', () => {
  const emails = ['Anna@Bücher.example', 'gone@x.example', 'strange@x.example'];
  const reply = { code: 250, enhanced: '2.0.0', lines: ['250 2.0.0 ok'] };
  const steps: Step[] = [
    {
      kind: 'deferred',
      at,
      recipient: 'Anna@xn--bcher-kva.example',
      attempt: 1,
      stage: 'connect',
      host: 'h',
      reply: null,
      nextAt: 1,
      giveUpAt: 2,
    },
    { kind: 'sent', at, recipient: 'Anna@xn--bcher-kva.example', host: 'h', reply, route: 'mx' },
    { kind: 'deferred', at, recipient: 'gone@x.example', attempt: 1, stage: 'rcpt', host: 'h', reply, nextAt: 1, giveUpAt: 2 },
    { kind: 'expired', at, recipient: 'gone@x.example', afterMs: 1, lastReply: reply },
  ];
  const { delivery } = standing(
    record(emails),
    journey({ 'Anna@xn--bcher-kva.example': 'acceptedByRemote', 'gone@x.example': 'expired' }, steps),
  );
  assert.deepEqual(delivery, [
    { delivered: 'unknown', smtpReply: '250 2.0.0 ok' },
    { delivered: 'no', smtpReply: '550 5.4.7 Tried for too long' },
    { delivered: 'unknown', smtpReply: '250 2.0.0 Taken' },
  ]);
});

test('what is known stays when the journey is gone', () => {
  const known = record(['a@x.example'], { undoStatus: 'final', delivery: [{ delivered: 'no', smtpReply: '550 no' }] });
  const { undoStatus, delivery } = standing(known, undefined);
  assert.deepEqual({ undoStatus, delivery }, { undoStatus: 'final', delivery: known.delivery });
});
