import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Step, StepKind } from '../../core/step.ts';
import type { RecipientState } from './journey.ts';
import { LEADS_TO } from './search.ts';
import { ARRIVED, advance, after, FAILED, newLine, OPEN } from './state.ts';
import { reply } from './world.test.ts';

const OK = reply('250 2.0.0 ok');
const make: { readonly [Kind in StepKind]: (at: number) => Step } = {
  received: (at) => ({ kind: 'received', at, origin: 'submission', from: 'a@b.example', to: ['c@d.example'] }),
  checked: (at) => ({ kind: 'checked', at, check: 'spf', result: 'pass' }),
  scored: (at) => ({ kind: 'scored', at, score: 1, limit: 5, reasons: [] }),
  held: (at) => ({ kind: 'held', at, why: (['quarantine', 'greylist', 'admin', 'frozen', 'budget'] as const)[at % 5] ?? 'admin' }),
  refused: (at) => ({ kind: 'refused', at, stage: 'rcpt', refusal: 'noSuchUser', facts: {}, reply: OK, from: '' }),
  expanded: (at) => ({ kind: 'expanded', at, through: 'alias', from: 'c@d.example', to: [] }),
  ruled: (at) => ({ kind: 'ruled', at, rule: 'x', folder: 'y' }),
  filed: (at) => ({ kind: 'filed', at, folder: at % 2 === 0 ? 'INBOX' : '', role: null }),
  accepted: (at) => ({ kind: 'accepted', at, copies: 1 }),
  signed: (at) => ({ kind: 'signed', at, domain: 'd', selector: 's' }),
  queued: (at) => ({ kind: 'queued', at, domain: 'd', nextAt: at + 5, giveUpAt: at + 9 }),
  tried: (at) => ({ kind: 'tried', at, attempt: 1, host: 'h', tookMs: 1, dialogue: [], route: 'mx' }),
  deferred: (at) => ({ kind: 'deferred', at, attempt: 1, stage: 'rcpt', host: 'h', reply: null, nextAt: at + 5, giveUpAt: at + 9 }),
  sent: (at) => ({ kind: 'sent', at, host: 'h', reply: OK, route: 'mx' }),
  bounced: (at) => ({ kind: 'bounced', at, stage: 'rcpt', host: 'h', reply: null }),
  expired: (at) => ({ kind: 'expired', at, afterMs: 5, lastReply: null }),
  notified: (at) => ({ kind: 'notified', at, report: 'delay', to: 'a@b.example' }),
  redirected: (at) => ({ kind: 'redirected', at, to: 'e@f.example', child: 'x' as never }),
  answered: (at) => ({ kind: 'answered', at, with: 'vacation', child: 'x' as never }),
  released: (at) => ({ kind: 'released', at, by: 'x' }),
  paused: (at) => ({ kind: 'paused', at, by: 'x' }),
  hurried: (at) => ({ kind: 'hurried', at, by: 'x' }),
  cancelled: (at) => ({ kind: 'cancelled', at, by: 'x' }),
  tallied: (at) => ({
    kind: 'tallied',
    at,
    of: 'server',
    from: 0,
    until: at,
    refusals: {},
    causes: {},
    otherCauses: 0,
    to: [],
    toMore: false,
  }),
  began: (at) => ({ kind: 'began', at, because: 'redirect', parent: 'x' as never }),
};

const ALL: readonly RecipientState[] = [...ARRIVED, ...FAILED, ...OPEN];
/** Steps that tell what was told to others, or found out, and change nothing for the recipient. */
const TELLING: ReadonlySet<StepKind> = new Set([
  'received',
  'checked',
  'scored',
  'signed',
  'ruled',
  'tallied',
  'notified',
  'answered',
  'began',
  'accepted',
]);
const steps = fc.array(fc.constantFrom(...(Object.keys(make) as StepKind[])), { maxLength: 40 });

test('whatever happens in whatever order, a recipient’s state obeys the rules', () => {
  fc.assert(
    fc.property(steps, (kinds) => {
      const line = newLine('c@d.example');
      kinds.forEach((kind, at) => {
        const before = line.state;
        advance(line, make[kind](at));
        const now = line.state;
        assert.ok(ALL.includes(now));
        if (TELLING.has(kind)) assert.equal(now, before, kind);
        // What arrived stays arrived, unless it was handed over and came back later; an alias only leads on.
        if (ARRIVED.has(before) && before !== 'expanded' && !ARRIVED.has(now))
          assert.deepEqual([before, kind, now], ['acceptedByRemote', 'bounced', 'bounced']);
        // In a mailbox here is the end of it.
        if (before === 'filed' || before === 'deliveredHere') assert.ok(now === 'filed' || now === 'deliveredHere');
        // What failed is only taken up again by standing in the queue anew, or by truly arriving.
        if (FAILED.has(before) && OPEN.has(now)) assert.equal(kind, 'queued');
        // Handed over is said after the other server took it, and never else.
        if (now === 'acceptedByRemote' && before !== now) assert.equal(kind, 'sent');
        if ((now === 'filed' || now === 'deliveredHere') && !ARRIVED.has(before)) assert.equal(kind, 'filed');
        // A next try is promised only by who waits.
        if (line.nextAt !== null) assert.ok(now === 'queued' || now === 'deferred');
        if (line.giveUpAt !== null) assert.ok(now === 'queued' || now === 'deferred' || now === 'sending');
      });
    }),
    { numRuns: 2_000, seed: 20_260_303 },
  );
});

test('the main roads', () => {
  const walk = (...kinds: StepKind[]): RecipientState =>
    kinds.reduce<RecipientState>((state, kind) => after(state, make[kind](0)), 'unknown');
  assert.equal(walk('received'), 'unknown');
  assert.equal(walk('received', 'accepted', 'queued'), 'queued');
  assert.equal(walk('received', 'queued', 'tried'), 'sending');
  assert.equal(walk('received', 'queued', 'tried', 'deferred'), 'deferred');
  assert.equal(walk('received', 'queued', 'tried', 'deferred', 'hurried'), 'queued');
  assert.equal(walk('received', 'queued', 'tried', 'deferred', 'tried', 'sent'), 'acceptedByRemote');
  assert.equal(walk('received', 'queued', 'tried', 'sent', 'bounced'), 'bounced');
  assert.equal(walk('received', 'queued', 'tried', 'deferred', 'expired'), 'expired');
  assert.equal(walk('received', 'queued', 'tried', 'deferred', 'cancelled'), 'cancelled');
  assert.equal(walk('received', 'queued', 'paused'), 'held');
  assert.equal(walk('received', 'queued', 'paused', 'released'), 'queued');
  assert.equal(walk('received', 'held'), 'quarantined');
  assert.equal(walk('received', 'held', 'released', 'filed'), 'filed');
  assert.equal(walk('received', 'expanded', 'filed'), 'filed');
  assert.equal(walk('received', 'redirected'), 'forwarded');
  assert.equal(walk('received', 'redirected', 'filed'), 'filed');
  assert.equal(walk('refused'), 'refused');
});

test('search knows every kind of step that leads to a state', () => {
  for (const from of ALL) {
    for (const kind of Object.keys(make) as StepKind[]) {
      for (const at of [0, 1, 2, 3, 4, 5]) {
        const to = after(from, make[kind](at));
        if (to !== from) assert.ok(LEADS_TO[to]?.includes(kind), `${from} by ${kind} to ${to}`);
      }
    }
  }
});
