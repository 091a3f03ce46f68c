/** From what the courier tells to what is kept: the settlement of each item and the Steps that report it. */
import type { Attempt, Delivery, Fate, Route } from '../../core/ports/courier.ts';
import type { Settlement } from '../../core/ports/store.ts';
import type { ReplyFacts, Step } from '../../core/step.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Job, JobItem } from './job.ts';
import { type OutgoingRecipient, sealRecipient } from './outgoing.ts';
import { retryAfterMs, tellsDelay } from './retry-plan.ts';

/** What became of one item, before it is written down. */
export type Verdict = Readonly<{
  item: JobItem;
  settlement: Settlement;
  steps: readonly Step[] /** To be reported to the sender. */;
  report: 'failure' | 'delay' | 'relayed' | null;
  reply: ReplyFacts | null;
  host: string;
  trouble: string | null;
}>;

export type Circumstances = Readonly<{
  job: Job;
  route: Route;
  now: number;
  chance: () => number;
  retryMinutes: readonly number[];
  delayNoticeMs: number;
  /** We are stopping, and broke off what was under way. */
  isCut: boolean;
}>;

/** The attempts as Steps. The dialogue is told once per errand, with the first recipient that is told of: it was one conversation. */
function triedSteps(delivery: Delivery, item: JobItem, isFirst: boolean, about: Circumstances): Step[] {
  return delivery.attempts.map(
    (attempt: Attempt): Step => ({
      kind: 'tried',
      at: about.now,
      recipient: item.known.recipient.address,
      attempt: item.known.tries + 1,
      host: attempt.host,
      ...(attempt.peer === undefined ? {} : { peer: attempt.peer }),
      tls: attempt.tls,
      tookMs: attempt.tookMs,
      dialogue: isFirst ? attempt.dialogue : [],
      route: about.route.via,
    }),
  );
}

/** One verdict per item of the job, in its order. */
export function verdicts(delivery: Delivery, about: Circumstances): Verdict[] {
  let isFirst = true;
  return about.job.items.map((item, index) => {
    const fate = delivery.fates[index] ?? {
      fate: 'later',
      stage: 'connect',
      host: about.job.domain,
      reply: null,
      trouble: 'connectFailed',
    };
    if (about.isCut && fate.fate === 'later' && fate.trouble === 'cancelled') return givenBack(item, fate.host, about.now);
    const tried = triedSteps(delivery, item, isFirst, about);
    isFirst = false;
    const verdict = verdictOn(fate, item, about);
    return { ...verdict, steps: [...tried, ...verdict.steps] };
  });
}

/** Cut off by our own stop: as if it had not been tried, to go again after the start. */
function givenBack(item: JobItem, host: string, dueAt: number): Verdict {
  return { item, settlement: { to: 'retry', dueAt, counts: false }, steps: [], report: null, reply: null, host, trouble: null };
}

function verdictOn(fate: Fate, item: JobItem, about: Circumstances): Verdict {
  switch (fate.fate) {
    case 'sent':
      return sent(fate, item, about);
    case 'never':
      return never(fate, item, about);
    case 'later':
      return later(fate, item, about);
    default:
      return unreachable(fate);
  }
}

function sent(fate: Extract<Fate, { fate: 'sent' }>, item: JobItem, about: Circumstances): Verdict {
  const { notify } = item.known.recipient;
  const address = item.known.recipient.address;
  const step: Step = {
    kind: 'sent',
    at: about.now,
    recipient: address,
    host: fate.host,
    reply: fate.reply,
    tls: fate.tls,
    route: about.route.via,
  };
  // RFC 3461 §5.2.2 (b): where their server does not know DSN, that we handed it over is what we can say; otherwise it will say more.
  return {
    item,
    settlement: { to: 'done' },
    steps: [step],
    report: notify?.success === true && fate.reports !== true ? 'relayed' : null,
    reply: fate.reply,
    host: fate.host,
    trouble: null,
  };
}

function never(fate: Extract<Fate, { fate: 'never' }>, item: JobItem, about: Circumstances): Verdict {
  const trouble = fate.trouble === undefined ? {} : { trouble: fate.trouble };
  const step: Step = {
    kind: 'bounced',
    at: about.now,
    recipient: item.known.recipient.address,
    stage: fate.stage,
    host: fate.host,
    reply: fate.reply,
    ...trouble,
  };
  return {
    item,
    settlement: { to: 'done' },
    steps: [step],
    report: 'failure',
    reply: fate.reply,
    host: fate.host,
    trouble: fate.trouble ?? null,
  };
}

function later(fate: Extract<Fate, { fate: 'later' }>, item: JobItem, about: Circumstances): Verdict {
  const { now } = about;
  const tries = item.known.tries + 1;
  const nextAt = now + retryAfterMs(tries, about.chance(), about.retryMinutes);
  const common = { item, reply: fate.reply, host: fate.host, trouble: fate.trouble ?? null };
  const address = item.known.recipient.address;
  if (nextAt >= item.item.expiresAt) {
    const step: Step = {
      kind: 'expired',
      at: now,
      recipient: address,
      afterMs: now - item.item.acceptedAt,
      lastReply: fate.reply ?? item.known.lastReply,
    };
    return { ...common, settlement: { to: 'done' }, steps: [step], report: 'failure' };
  }
  const trouble = fate.trouble === undefined ? {} : { trouble: fate.trouble };
  const step: Step = {
    kind: 'deferred',
    at: now,
    recipient: address,
    attempt: tries,
    stage: fate.stage,
    host: fate.host,
    reply: fate.reply,
    ...trouble,
    nextAt,
    giveUpAt: item.item.expiresAt,
  };
  const tell =
    tellsDelay(nextAt - item.item.acceptedAt, about.delayNoticeMs) && !item.known.delayTold && (item.known.recipient.notify?.delay ?? true);
  const known: OutgoingRecipient = {
    ...item.known,
    tries,
    delayTold: item.known.delayTold || tell,
    lastReply: fate.reply,
    lastTrouble: fate.trouble ?? null,
    lastHost: fate.host,
  };
  return {
    ...common,
    settlement: { to: 'retry', dueAt: nextAt, counts: true, recipient: sealRecipient(about.job.key, item.item, known) },
    steps: [step],
    report: tell ? 'delay' : null,
  };
}
