/** What the words need to know of a journey: who looks, who is meant, what an answer meant. */
import type { Step, StepKind, TlsFacts } from '../../../core/step.ts';
import { type Explanation, explain } from '../explain.ts';
import type { Journey, RecipientState, RecipientStory } from '../journey.ts';
import type { Language } from '../sayings.table.ts';
import type { Moments } from './moments.ts';
import { type Relays, viaRelay } from './relay.ts';

export type StepOf<Kind extends StepKind> = Extract<Step, { kind: Kind }>;

/** The stage on which a story is told. */
export type Scene = Readonly<{
  journey: Journey;
  language: Language;
  moments: Moments;
  /** Sender, recipient or admin. */
  seat: Journey['seat'];
  /** Steps that went by our own relay, and its name. */
  relays: Relays;
}>;

/** A recipient's part: their line and the Steps that concern them. */
export type Part = Readonly<{ line: RecipientStory; steps: readonly Step[] }>;

/** One Step's words. */
export type Saying = Readonly<{ text: string; detail?: string }>;

/** The words of a language. A new kind of Step or state does not compile until it has some. */
export type Words = Readonly<{
  steps: { readonly [Kind in StepKind]: (step: StepOf<Kind>, scene: Scene) => Saying };
  states: Readonly<Record<RecipientState, (part: Part, scene: Scene) => string>>;
  phrases: Readonly<{
    partly(some: number, all: number): string;
    /** Some or all were handed over: nobody can say that they have it. */
    handedOverFor(some: number, all: number): string;
    notDeliveredTo(some: number, all: number): string;
    nothingToDo: string;
    askThemToLook: string;
    releaseOrDelete: string;
    askSender: string;
    correctAndSend: string;
    askAdmin: string;
    freeRoom: string;
    administrator: string;
  }>;
}>;

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** The organisation a Step speaks of: the recipient's domain, else the server's name. */
export const orgOf = (step: Readonly<{ recipient?: string; host?: string }>, fallback = ''): string =>
  step.recipient === undefined ? (step.host ?? fallback) : domainOf(step.recipient);

/** The relay a part went by at last. */
export function relayOf({ steps }: Part, { relays }: Scene): string | undefined {
  const step = steps.findLast(({ kind }) => kind === 'tried' || kind === 'sent');
  return step === undefined ? undefined : relays.get(step);
}

/** Each recipient with the Steps that concern them, in one walk over the story. */
export function partsOf(journey: Journey): readonly Part[] {
  const common: Step[] = [];
  const own = new Map<string, Step[]>(journey.recipients.map(({ address }) => [address.toLowerCase(), []]));
  for (const step of journey.steps) {
    if (step.recipient === undefined) common.push(step);
    else own.get(step.recipient.toLowerCase())?.push(step);
  }
  return journey.recipients.map((line) => {
    const steps = [...common, ...(own.get(line.address.toLowerCase()) ?? [])];
    return { line, steps: steps.sort((a, b) => a.at - b.at) };
  });
}

export function last<Kind extends StepKind>(part: Part, kind: Kind): StepOf<Kind> | undefined {
  return part.steps.findLast((step): step is StepOf<Kind> => step.kind === kind);
}

/** The answer that made a part what it is now, explained. */
export function explanationOf(part: Part, scene: Scene): Explanation | undefined {
  for (let at = part.steps.length - 1; at >= 0; at--) {
    const step = part.steps[at];
    if (step === undefined) continue;
    const found = (step.kind === 'expired' ? relaysFault(part, step, scene) : undefined) ?? meaningOf(step, scene);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Days of trying that failed at our own relay are not for the writer to mend. */
function relaysFault(part: Part, expired: Step, { relays }: Scene): Explanation | undefined {
  const before = last(part, 'deferred');
  if (before === undefined || !relays.has(expired)) return undefined;
  const what = before.reply ?? before.trouble;
  const found = what === undefined ? undefined : viaRelay(explain(what, before.host, false));
  return found?.owner === 'admin' ? found : undefined;
}

/** What a Step's answer or trouble means, where it has one. */
export function meaningOf(step: Step, { relays }: Scene): Explanation | undefined {
  switch (step.kind) {
    case 'deferred':
    case 'bounced': {
      const what = step.reply ?? step.trouble;
      if (what === undefined) return undefined;
      const found = explain(what, step.host, step.kind === 'deferred');
      return relays.has(step) ? viaRelay(found) : found;
    }
    case 'expired':
      return explain('expired', '');
    default:
      return undefined;
  }
}

/** What a server said last of a message that was tried for days. */
export function lastMeaningOf(step: StepOf<'expired'>, { relays }: Scene): Explanation | undefined {
  if (step.lastReply === null) return undefined;
  const found = explain(step.lastReply, orgOf(step, '?'), false);
  return relays.has(step) ? viaRelay(found) : found;
}

/** Verbatim lines of a Step, for who wants to see them. */
export function rawOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'tried':
      return step.dialogue;
    case 'refused':
    case 'sent':
      return step.reply.lines;
    case 'deferred':
    case 'bounced':
      return step.reply?.lines ?? [];
    case 'expired':
      return step.lastReply?.lines ?? [];
    default:
      return [];
  }
}

export type Lock = 'verified' | 'plain' | 'none';

/**
 * DANE and MTA-STS prove that it is the right server; a certificate alone proves a name that anybody could have been
 * sent to, unless the name is our own choice.
 */
export function lockOf(tls: TlsFacts | null, isOurChoice = false): Lock {
  if (tls === null) return 'none';
  return tls.proven === 'dane' || tls.proven === 'mta-sts' || (isOurChoice && tls.proven === 'ca') ? 'verified' : 'plain';
}

/** Whether a `by` is the one who reads. */
export const isReader = (by: string, { journey, seat }: Scene): boolean =>
  by === '' || by === 'you' || (seat === 'sender' && by.toLowerCase() === journey.from.toLowerCase());

/** Writing to oneself, and finding it in Spam. */
export const isOwnJunk = (part: Part, scene: Scene): boolean =>
  part.line.address.toLowerCase() === scene.journey.from.toLowerCase() && last(part, 'filed')?.role === 'junk';

/** The rules that spoke against a message, the heaviest first. */
export function spamReasons(scored: StepOf<'scored'> | undefined, most: number): readonly string[] {
  if (scored === undefined) return [];
  return scored.reasons
    .filter(({ points }) => points > 0)
    .toSorted((a, b) => b.points - a.points)
    .slice(0, most)
    .map(({ rule }) => rule);
}

/** A queued message that waits on purpose: how long, in seconds. */
export function waitOf(step: StepOf<'queued'>): number {
  return Math.max(0, Math.round((step.nextAt - step.at) / 1000));
}

/** Waiting longer than this was asked for; shorter is the time to undo. */
export const UNDO_SECONDS = 60;

export const daysOf = (ms: number): number => Math.max(1, Math.round(ms / 86_400_000));
