/** Opened rows of one journey into the story one viewer may see. */
import type { JourneyId, OwnerId } from '../../core/ids.ts';
import type { Step } from '../../core/step.ts';
import type { Journey, RecipientStory, Seat } from './journey.ts';
import type { Page } from './record.ts';
import { aged, projected, seen } from './seats.ts';
import { addedUp } from './tallies.ts';
import { advance, type Line, newLine, storyOf } from './state.ts';

/** Recipients shown of one message: more are counted by their steps, not listed. RFC 5321 §4.5.3.1.8 asks for 100, we take more. */
const RECIPIENT_LIMIT = 1_000;
/** Steps of one journey read: five days of attempts for many recipients fit; a runaway writer does not drown the reader. */
const STEP_LIMIT = 20_000;

/** What the reader knows of its viewer. `isTheirs`: whether an address belongs to the person; absent where nobody can tell. */
export type Eyes = Readonly<{
  owner: OwnerId;
  admin: boolean;
  isTheirs: ((address: string) => boolean) | undefined;
  now: number | undefined;
}>;

export type Story = Readonly<{ journey: JourneyId; pages: readonly Page[] }>;

/** Kinds that only a sender's story has: what became of a message that left the house. */
const LEAVING: ReadonlySet<Step['kind']> = new Set([
  'accepted',
  'queued',
  'tried',
  'deferred',
  'sent',
  'bounced',
  'expired',
  'paused',
  'hurried',
  'cancelled',
]);
/** Refusals that meet a sender of ours, never a recipient. */
const SENDERS_REFUSALS: ReadonlySet<string> = new Set([
  'senderNotYours',
  'headerFromNotYours',
  'accountPaused',
  'signInFirst',
  'wrongPassword',
  'notForThisProtocol',
  'badRecipientAddress',
  'noSuchDomain',
]);

/** The journey as its viewer may see it, or undefined when nothing of it is theirs to see. */
export function assemble(story: Story, eyes: Eyes): Journey | undefined {
  const { steps, seat } = eyes.admin ? adminSteps(story.pages) : personSteps(story.pages, eyes);
  if (steps.length === 0) return undefined;
  const sorted = inOrder(eyes.now === undefined ? steps : aged(steps, eyes.now));
  const lines = linesOf(sorted);
  const received = sorted.find((step) => step.kind === 'received');
  const refused = sorted.find((step) => step.kind === 'refused');
  return {
    journey: story.journey,
    seat,
    direction: directionOf(sorted, seat),
    startedAt: sorted[0]?.at ?? 0,
    updatedAt: sorted.at(-1)?.at ?? 0,
    from: received?.from ?? refused?.from ?? '',
    subject: received?.subject ?? null,
    messageId: received?.messageId ?? null,
    recipients: withoutDetours(lines).map((line) => storyFor(seat, line)),
    steps: sorted,
  };
}

function inOrder(steps: readonly Step[]): readonly Step[] {
  let ordered = true;
  for (let index = 1; index < steps.length && ordered; index++) ordered = (steps[index - 1]?.at ?? 0) <= (steps[index]?.at ?? 0);
  const bounded = steps.length > STEP_LIMIT ? steps.slice(0, STEP_LIMIT) : steps;
  return ordered ? bounded : bounded.toSorted((a, b) => a.at - b.at);
}

// Whose story

type Seated = Readonly<{ steps: readonly Step[]; seat: Journey['seat'] }>;

function personSteps(pages: readonly Page[], eyes: Eyes): Seated {
  const seats = pages.flatMap(({ seat }) => (seat === null ? [] : [seat]));
  const loose = pages.flatMap(({ seat, steps }) => (seat === null ? steps : []));
  const guess = loose.length === 0 ? null : seatOfLoose(loose, seats, eyes);
  const asSender = pages.flatMap(({ seat, steps }) => ((seat ?? guess)?.as === 'sender' ? steps : []));
  const asRecipient = pages.flatMap(({ seat, steps }) => ((seat ?? guess)?.as === 'recipient' ? steps : []));
  const own = [...seats, ...(guess === null ? [] : [guess])].filter((seat) => seat.as === 'recipient');
  const theirs = seen(asRecipient, {
    as: 'recipient',
    own: own.flatMap((seat) => seat.own),
    fromInside: own.some(({ fromInside }) => fromInside === true) || asSender.length > 0,
  });
  if (asSender.length === 0) return { steps: theirs, seat: 'recipient' };
  const sent = seen(asSender, { as: 'sender' });
  return { steps: theirs.length === 0 ? sent : together(sent, theirs), seat: 'sender' };
}

/** The seat for rows that name none. SECURITY: where nothing proves the sender, it is a recipient's, who sees least. */
function seatOfLoose(steps: readonly Step[], seats: readonly Seat[], eyes: Eyes): Seat {
  if (seats.some(({ as }) => as === 'sender')) return { as: 'sender' };
  const own = seats.flatMap((seat) => (seat.as === 'recipient' ? seat.own : []));
  if (own.length > 0) return { as: 'recipient', own };
  return isSender(steps, eyes) ? { as: 'sender' } : { as: 'recipient', own: ownAddresses(steps, eyes) };
}

function isSender(steps: readonly Step[], { owner, isTheirs }: Eyes): boolean {
  const received = steps.find((step) => step.kind === 'received');
  const leaving = steps.some(({ kind }) => LEAVING.has(kind));
  if (received === undefined) return leaving || steps.some((step) => step.kind === 'refused' && refusedToSender(step, isTheirs));
  if (received.account === String(owner)) return true;
  if (received.origin === 'redirect' || received.origin === 'vacation') return leaving || received.account === undefined;
  if (received.origin !== 'submission' && received.origin !== 'jmap') return false;
  return isTheirs === undefined ? leaving : isTheirs(received.account ?? received.from) || isTheirs(received.from);
}

/** A refusal that met the person as a sender: only a sender can meet it, or it was theirs to send and for somebody else. */
function refusedToSender(step: Extract<Step, { kind: 'refused' }>, isTheirs: Eyes['isTheirs']): boolean {
  if (step.recipient === undefined) return SENDERS_REFUSALS.has(step.refusal);
  return isTheirs !== undefined && isTheirs(step.from) && !isTheirs(step.recipient);
}

/** The addresses a message reached its recipient by. */
function ownAddresses(steps: readonly Step[], { isTheirs }: Eyes): string[] {
  const named = new Set<string>();
  for (const step of steps) {
    if (step.recipient !== undefined) named.add(step.recipient);
    if (step.kind === 'received') for (const address of step.to) named.add(address);
    if (step.kind === 'expanded') for (const address of step.to) named.add(address);
  }
  const theirs = isTheirs === undefined ? [] : [...named].filter(isTheirs);
  if (theirs.length > 0) return [...theirs, ...detours(steps, theirs)];
  // Nobody can tell, or the address is no longer theirs: the lines with an end in this story, or the only address there is.
  const ends = new Set(steps.flatMap((step) => (step.recipient !== undefined && !LEAVING.has(step.kind) ? [step.recipient] : [])));
  if (ends.size === 1) return [...ends];
  return named.size === 1 ? [...named] : [];
}

/** Aliases and lists on the way to these addresses. */
function detours(steps: readonly Step[], own: readonly string[]): string[] {
  return steps.flatMap((step) => (step.kind === 'expanded' && step.to.some((address) => own.includes(address)) ? [step.from] : []));
}

/** What an organisation holds comes from several of its people's entries: told once each. */
function adminSteps(pages: readonly Page[]): Seated {
  const all = pages.flatMap((page) => page.steps);
  const total = addedUp(all.filter((step) => step.kind === 'tallied'));
  const steps = projected(total === undefined ? all : [...all.filter(({ kind }) => kind !== 'tallied'), total]);
  return { steps: pages.length > 1 ? mergeReceived(dedupe(steps)) : steps, seat: 'admin' };
}

/** Told by the sender's own entry already, when somebody writes to themselves. */
const TOLD_TWICE: ReadonlySet<Step['kind']> = new Set(['received', 'began', 'checked', 'expanded']);

/** The story of somebody who is among their own recipients: their sending once, and their own mailbox as they may see it. */
function together(sent: readonly Step[], theirs: readonly Step[]): readonly Step[] {
  const filed = new Set(
    theirs.flatMap(({ kind, recipient }) => (kind === 'filed' && recipient !== undefined ? [recipient.toLowerCase()] : [])),
  );
  const others = sent.filter(({ kind, recipient }) => kind !== 'filed' || recipient === undefined || !filed.has(recipient.toLowerCase()));
  return [...others, ...dedupe(theirs.filter(({ kind }) => !TOLD_TWICE.has(kind)))];
}

function dedupe(steps: readonly Step[]): readonly Step[] {
  const known = new Set<string>();
  return steps.filter((step) => {
    const text = JSON.stringify(step);
    return known.has(text) ? false : known.add(text);
  });
}

/** One arrival, as told by the sender's entry and by each recipient's, is one arrival for all of them. */
function mergeReceived(steps: readonly Step[]): readonly Step[] {
  const arrivals = steps.filter((step) => step.kind === 'received');
  const fullest = arrivals.toSorted((a, b) => b.to.length - a.to.length)[0];
  if (fullest === undefined || arrivals.length === 1) return steps;
  const to = [
    ...new Map(arrivals.flatMap((step) => [...fullest.to, ...step.to]).map((address) => [address.toLowerCase(), address])).values(),
  ];
  const merged: Step = { ...fullest, to };
  return [merged, ...steps.filter((step) => step.kind !== 'received')];
}

// Recipients

/** To a sender, in a mailbox here is one thing, whoever reads it: the Steps tell the folder where it is their own. */
function storyFor(seat: Journey['seat'], line: Line): RecipientStory {
  const story = storyOf(line);
  return seat === 'sender' && story.state === 'filed' ? { ...story, state: 'deliveredHere' } : story;
}

function linesOf(steps: readonly Step[]): Line[] {
  const lines = new Map<string, Line>();
  const line = (address: string): Line | undefined => {
    const key = address.toLowerCase();
    const known = lines.get(key);
    if (known !== undefined || lines.size >= RECIPIENT_LIMIT) return known;
    const fresh = newLine(address);
    lines.set(key, fresh);
    return fresh;
  };
  for (const step of steps) {
    if (step.kind === 'received') for (const address of step.to) line(address);
    const whom = step.kind === 'expanded' ? step.from : step.recipient;
    const one = whom === undefined ? undefined : line(whom);
    if (one !== undefined) advance(one, step);
    // One conversation need not be about everybody: what came of it says for whom it was.
    else if (whom === undefined && (step.kind !== 'tried' || lines.size === 1)) for (const each of lines.values()) advance(each, step);
    if (step.kind === 'expanded') for (const address of step.to) line(address);
  }
  return [...lines.values()];
}

/** The alias somebody was reached by is told in the steps, and has no line of its own once more is known of where it leads. */
function withoutDetours(lines: readonly Line[]): readonly Line[] {
  const ends = lines.filter(({ state }) => state !== 'expanded');
  return ends.some(({ state }) => state !== 'unknown') ? ends : lines;
}

function directionOf(steps: readonly Step[], seat: Journey['seat']): Journey['direction'] {
  const received = steps.find((step) => step.kind === 'received');
  const left = steps.some(
    ({ kind }) => kind === 'queued' || kind === 'tried' || kind === 'sent' || kind === 'bounced' || kind === 'deferred',
  );
  if (received === undefined) return seat === 'sender' || left ? 'out' : 'in';
  if (received.origin === 'mx') return left ? 'out' : 'in';
  if (seat === 'recipient') return 'here';
  if (left || steps.every(({ kind }) => kind !== 'filed')) return 'out';
  return 'here';
}
