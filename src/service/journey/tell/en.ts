/** The English words of a journey. Rules: name the actor, the fact, the next step; no codes; "handed over" is not "delivered". */
import { reasonWords } from '../reason-words.table.ts';
import { refusalWords } from '../refusal-words.table.ts';
import {
  daysOf,
  domainOf,
  isOwnJunk,
  isReader,
  type Lock,
  last,
  lastMeaningOf,
  lockOf,
  meaningOf,
  orgOf,
  type Part,
  relayOf,
  type Scene,
  type StepOf,
  spamReasons,
  UNDO_SECONDS,
  type Words,
  waitOf,
} from './scene.ts';
import { tallyOf } from './tally.ts';

const LOCKS: Readonly<Record<Lock, string>> = {
  verified: 'encrypted, right server proven',
  plain: 'encrypted, server not proven',
  none: 'not encrypted',
};

const RESULTS: Readonly<Record<string, string>> = {
  pass: 'passed',
  fail: 'failed',
  softfail: 'failed, says a careful rule',
  neutral: 'says nothing',
  none: 'not there',
  policy: 'refused by rule',
  temperror: 'could not be checked now',
  permerror: 'is set up wrongly',
};

/** Reasons given for one look at a message. */
const REASONS_LIMIT = 5;

const PROOFS: Readonly<Record<string, string>> = { pass: 'Sender proven', fail: 'Sender forged', none: 'Sender not proven' };

const DONE_BY: Readonly<Record<StepOf<'held'>['why'], string>> = {
  quarantine: 'Kept apart – looks unsafe',
  greylist: 'We asked the sender to come back in a few minutes',
  admin: 'Waiting for approval by',
  frozen: 'Sending paused to protect your account',
  budget: 'Sending paused to protect your account',
};

const who = (by: string, scene: Scene): string => (isReader(by, scene) ? 'you' : by);
const from = (address: string): string => (address === '' ? 'a server without a sender' : address);
const fromFirst = (address: string): string => (address === '' ? 'A server without a sender' : address);
const secure = (tls: StepOf<'tried'>['tls'], relay?: string): string | undefined =>
  tls === undefined ? undefined : capital(LOCKS[lockOf(tls, relay !== undefined)]);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const nextTry = (at: number, until: number, { moments }: Scene): string =>
  `next try at ${moments.moment(at)}, we keep trying until ${moments.until(until, at)}`;
const passedOn = (to: readonly string[]): string =>
  to.length === 0 ? 'Sent on (alias, group or forward)' : `Sent on to ${to.join(', ')} (alias, group or forward)`;
const approver = (by: string | undefined): string => by ?? 'your administrator';
const because = (reasons: readonly string[]): string => [...new Set(reasons.map((rule) => reasonWords(rule).en))].join('; ');

function arrival(step: StepOf<'received'>, { seat }: Scene): string {
  switch (step.origin) {
    case 'submission':
    case 'jmap':
      if (seat === 'sender') return 'You pressed send';
      return seat === 'recipient' ? `${from(step.from)} sent you this` : `${fromFirst(step.from)} pressed send`;
    case 'mx':
      return 'Arrived at our door';
    case 'redirect':
      return 'Sent on by a rule or forward';
    case 'bounce':
      return 'We made a delivery report';
    case 'vacation':
      return 'We made an automatic answer';
    case 'report':
      return 'We made a report';
    case 'import':
      return 'Brought along from another mailbox';
  }
}

function arrivalDetail(step: StepOf<'received'>): string | undefined {
  if (step.origin !== 'mx') return undefined;
  const through = step.peer === undefined ? '' : `, through ${step.peer.host ?? step.peer.helo ?? step.peer.ip} (${step.peer.ip})`;
  const lock = step.tls === undefined ? '' : `; ${LOCKS[lockOf(step.tls)]}`;
  return `From ${from(step.from)}${through}${lock}`;
}

const said = (text: string, detail: string | undefined): { text: string; detail?: string } =>
  detail === undefined || detail === '' ? { text } : { text, detail };

function queuedText(step: StepOf<'queued'>, { moments }: Scene): string {
  const wait = waitOf(step);
  if (wait > UNDO_SECONDS) return `Will be sent on ${moments.day(step.nextAt)} at ${moments.moment(step.nextAt).slice(0, 5)}`;
  return wait > 0 ? `Sending in ${wait} s – you can still undo` : 'In our outbox, about to leave';
}

function filedText(step: StepOf<'filed'>, scene: Scene): string {
  if (step.role === 'junk') return 'In Spam';
  const name = step.recipient ?? '';
  if (scene.seat === 'recipient')
    return step.role === 'inbox' || step.folder === '' ? 'In your mailbox' : `In your mailbox, in ${step.folder}`;
  return name === '' ? 'In the mailbox' : `In ${name}'s mailbox`;
}

/** What a server said last, of a message that was tried for days. */
function lastAnswer(step: StepOf<'expired'>, scene: Scene): string | undefined {
  const found = lastMeaningOf(step, scene);
  return found === undefined ? undefined : `The last answer: ${found.meaning.en}`;
}

const ourRelay = (relay: string): string => `our relay (${relay})`;
const taken = (relay: string | undefined, org: string): string =>
  `${relay === undefined ? `${org} accepted it` : `Handed over to the relay ${relay}`}. From here on only they know what happens`;

const STATES: Words['states'] = {
  unknown: (_part, scene) =>
    scene.seat !== 'sender' && scene.journey.direction === 'in' ? 'Arrived at our door' : 'No answer yet; we do not know',
  queued: (part, scene) => {
    const step = last(part, 'queued');
    return step === undefined || last(part, 'deferred') !== undefined ? 'In our outbox, about to leave' : queuedText(step, scene);
  },
  sending: (part, scene) => {
    const relay = relayOf(part, scene);
    return `Talking to ${relay === undefined ? `${domainOf(part.line.address)}'s mail server` : ourRelay(relay)}`;
  },
  deferred: ({ line }, scene) =>
    line.nextAt === null || line.giveUpAt === null
      ? 'We asked the sender to come back in a few minutes'
      : `Not yet – ${nextTry(line.nextAt, line.giveUpAt, scene)}`,
  acceptedByRemote: (part, scene) => taken(relayOf(part, scene), domainOf(part.line.address)),
  deliveredHere: (part, scene) => {
    if (isOwnJunk(part, scene)) return filedState(part, scene);
    return scene.seat === 'recipient' ? 'In your mailbox' : `In ${part.line.address}'s mailbox`;
  },
  filed: (part, scene) => filedState(part, scene),
  refused: (part, scene) =>
    scene.seat === 'sender'
      ? `Not sent – refused because ${refusalWords(last(part, 'refused')?.refusal ?? '').en}`
      : 'Refused at the door; the sender was told why',
  bounced: (part, scene) => {
    if (last(part, 'sent') !== undefined) return 'Accepted at first, returned afterwards';
    const step = last(part, 'bounced');
    if (step === undefined || step.reply === null) return 'Not delivered';
    const relay = scene.relays.get(step);
    return `Not delivered – ${relay === undefined ? domainOf(part.line.address) : ourRelay(relay)} refused it`;
  },
  expired: (part) => {
    const days = daysOf(last(part, 'expired')?.afterMs ?? 0);
    return `Not delivered – no success in ${days} ${days === 1 ? 'day' : 'days'}`;
  },
  quarantined: () => 'Kept apart – looks unsafe',
  forwarded: (part) => passedOn([last(part, 'redirected')?.to ?? ''].filter((to) => to !== '')),
  expanded: (part) => passedOn(last(part, 'expanded')?.to ?? []),
  cancelled: (part, scene) => `Cancelled by ${who(last(part, 'cancelled')?.by ?? '', scene)}`,
  held: (part) => {
    const step = last(part, 'held');
    return step?.why === 'admin' ? `Waiting for approval by ${approver(step.by)}` : 'Sending paused to protect your account';
  },
};

function filedState(part: Part, scene: Scene): string {
  const step = last(part, 'filed');
  if (step?.role === 'junk') {
    const reasons = spamReasons(last(part, 'scored'), 1);
    return reasons.length === 0 ? 'In Spam' : `In Spam, because ${because(reasons)}`;
  }
  const rule = last(part, 'ruled');
  if (scene.seat === 'recipient' && rule !== undefined && rule.folder !== '') return `Moved to ${rule.folder} by your rule "${rule.rule}"`;
  return step === undefined ? 'In the mailbox' : filedText({ ...step, recipient: part.line.address }, scene);
}

const STEPS: Words['steps'] = {
  received: (step, scene) => said(arrival(step, scene), arrivalDetail(step)),
  checked: (step) => {
    const name = step.check.toLowerCase();
    if (name === 'dmarc') return said(PROOFS[step.result] ?? 'Sender not proven', undefined);
    return said(`We checked ${name.length <= 5 ? name.toUpperCase() : step.check}: ${RESULTS[step.result] ?? step.result}`, undefined);
  },
  scored: (step) => {
    const reasons = spamReasons(step, REASONS_LIMIT);
    const text = step.score >= step.limit ? 'Looks like spam to our filter' : 'Our filter looked for spam and found too little of it';
    return said(text, reasons.length === 0 ? undefined : `Because ${because(reasons)}`);
  },
  held: (step) => said(step.why === 'admin' ? `${DONE_BY.admin} ${approver(step.by)}` : DONE_BY[step.why], undefined),
  refused: (step, scene) => {
    const name = scene.seat === 'sender' ? 'You' : fromFirst(step.from);
    const peer =
      step.peer === undefined || scene.seat === 'sender' ? undefined : `From ${step.peer.host ?? step.peer.ip} (${step.peer.ip})`;
    return said(`${name} tried at ${scene.moments.moment(step.at)}; refused because ${refusalWords(step.refusal).en}`, peer);
  },
  expanded: (step) => said(passedOn(step.to), step.to.length === 0 ? undefined : `${step.from} stands for these`),
  ruled: (step) =>
    said(step.folder === '' ? 'Sorted by a rule of the recipient' : `Moved to ${step.folder} by your rule "${step.rule}"`, undefined),
  filed: (step, scene) => said(filedText(step, scene), undefined),
  accepted: (step) =>
    said(step.copies === 1 ? 'We took the message' : `We took the message for ${step.copies} people`, 'From here on it is our job'),
  signed: (step) => said(`Signed as ${step.domain}`, undefined),
  queued: (step, scene) => said(queuedText(step, scene), undefined),
  tried: (step, scene) => {
    const reached = step.peer !== undefined || step.dialogue.length > 0;
    const relay = scene.relays.get(step);
    const whom = relay === undefined ? `${orgOf(step)}'s mail server (${step.host})` : ourRelay(relay);
    const text = reached ? `Talked to ${whom}` : `Tried to reach ${whom}`;
    return said(text, reached ? secure(step.tls, relay) : undefined);
  },
  deferred: (step, scene) => {
    const found = meaningOf(step, scene);
    const next = capital(nextTry(step.nextAt, step.giveUpAt, scene));
    if (found?.saying === 'comeBack') return said('They asked us to try again later (normal for a first contact)', next);
    return said(found?.meaning.en ?? 'It did not work this time.', next);
  },
  sent: (step, scene) => said(taken(scene.relays.get(step), orgOf(step)), secure(step.tls, scene.relays.get(step))),
  bounced: (step, scene) => {
    const relay = scene.relays.get(step);
    const by = relay === undefined ? orgOf(step) : ourRelay(relay);
    return said(step.reply === null ? 'Not delivered' : `Not delivered – ${by} refused it`, meaningOf(step, scene)?.meaning.en);
  },
  expired: (step, scene) => {
    const days = daysOf(step.afterMs);
    return said(`Not delivered – no success in ${days} ${days === 1 ? 'day' : 'days'}`, lastAnswer(step, scene));
  },
  notified: (step, scene) => {
    const to = isReader(step.to, scene) ? 'you' : step.to;
    const about = { failure: 'that it was not delivered', delay: 'that it takes longer', success: 'how it went' }[step.report];
    return said(`We told ${to} ${about}`, undefined);
  },
  redirected: (step) => said(passedOn([step.to]), undefined),
  answered: (step) => said(step.with === 'vacation' ? 'We sent the automatic answer' : 'A receipt was sent', undefined),
  released: (step, scene) => said(`Released by ${who(step.by, scene)}`, undefined),
  paused: (step, scene) => said(`Held back by ${who(step.by, scene)}`, undefined),
  hurried: (step, scene) => said(`Tried again at once, asked by ${who(step.by, scene)}`, undefined),
  cancelled: (step, scene) => said(`Cancelled by ${who(step.by, scene)}`, undefined),
  tallied: (step, { moments }) => {
    const { count, people, more, reasons, causes, others } = tallyOf(step, 'en');
    const whom = people === 0 ? '' : ` of mail to ${more ? 'more than ' : ''}${people} ${people === 1 && !more ? 'person' : 'people'}`;
    const where = step.of === 'server' ? ' on this server' : '';
    const origins = [...causes, ...(others === undefined ? [] : [`others (${others})`])].join(', ');
    return said(
      `${count} more ${count === '1' ? 'refusal' : 'refusals'}${whom}${where} between ${moments.moment(step.from)} and ${moments.moment(step.until)}, not told one by one`,
      `Because ${reasons.join('; ')}. From ${origins}`,
    );
  },
  began: (step) => {
    const why = {
      bounce: 'a message that was returned',
      redirect: 'a message that was sent on',
      vacation: 'a message that got an automatic answer',
      delay: 'a message that takes longer',
      success: 'a message that asked for a report',
    };
    return said(`This began with ${why[step.because]}`, undefined);
  },
};

export const EN: Words = {
  steps: STEPS,
  states: STATES,
  phrases: {
    partly: (some, all) => `${some} of ${all} people have it`,
    handedOverFor: (some, all) => `Handed over for ${some} of ${all} people`,
    notDeliveredTo: (some, all) => `Not delivered to ${some} of ${all} people`,
    nothingToDo: 'You need do nothing.',
    askThemToLook: 'If they do not see it, ask them to look in Spam.',
    releaseOrDelete: 'Look at it safely, then let it through or delete it.',
    askSender: 'If you expected this message, ask the sender to try again, or allow them next time.',
    correctAndSend: 'Correct it and send it again.',
    askAdmin: 'Ask our administrator; the reason is below.',
    freeRoom: 'Make room in your mailbox; then ask the sender to try again.',
    administrator: 'our administrator',
  },
};
