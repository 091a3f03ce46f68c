/**
 * The Courier port over SMTP: finds the servers of a destination, goes to one
 * after the other until everybody has a verdict, and tells what happened word for
 * word. One try; when to try again is the queue's business.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecipientOutcome } from '../../codec/smtp/client-message.ts';
import type { EnvelopeRecipient } from '../../core/envelope.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Attempt, Courier, Delivery, Errand, Fate } from '../../core/ports/courier.ts';
import { Deadlines } from '../net/deadlines.ts';
import { inGroups, messageFor, RECIPIENTS_PER_MESSAGE } from './errand.ts';
import { REUSE_LIMITS, type ReuseLimits, ReusePool } from './reuse.ts';
import { type Candidate, candidates, type RouteOptions, type RouteTrouble } from './route.ts';
import { ServerMemory } from './server-memory.ts';
import { OutSession } from './session.ts';
import { TIMEOUTS_MS, type Timeouts } from './timeouts.ts';
import { mayFallBack, PLAIN, planFor, planName, type TlsPlan } from './tls-policy.ts';
import { Trust } from './trust.ts';
import { fateOfEnd, moreTelling, verdictOn } from './verdict.ts';

export type CourierOptions = Readonly<{
  clock: Clock;
  route: RouteOptions;
  /** Our host name, for EHLO: it should be what our address is called in reverse DNS. */
  name: string;
  /** The addresses to speak from, where the machine has several. */
  localAddresses?: Readonly<{ 4?: string; 6?: string }>;
  /** Authorities believed besides the well-known ones, as PEM. */
  authorities?: readonly string[];
  timeouts?: Partial<Timeouts>;
  reuse?: Partial<ReuseLimits>;
  deadlines?: Deadlines;
  /** Something of ours threw in the middle of a conversation: a bug, to be logged. */
  onBug(bug: unknown): void;
}>;

/** Connections opened for one delivery at most (RFC 5321 §5.1 allows a limit, of two at least). */
const CONNECTION_LIMIT = 6;
/** Servers that took the message to heart and said "later" before the rest are left in peace. */
const VERDICT_LIMIT = 2;
/** How long `close` waits for deliveries under way. */
const CLOSE_MS = 10_000;
const CLOSE_LOOK_MS = 5;

/** One delivery: who is still without a verdict, and the story so far. */
type Journey = {
  readonly errand: Errand;
  readonly attempts: Attempt[];
  readonly fates: (Fate | undefined)[];
  /** Places of the recipients not yet decided. */
  open: number[];
  connections: number;
  verdicts: number;
};

type Place = Readonly<{ candidate: Candidate; plan: TlsPlan; key: string }>;

export class SmtpCourier implements Courier {
  readonly #options: CourierOptions;
  readonly #pool: ReusePool;
  readonly #memory: ServerMemory;
  readonly #deadlines: Deadlines;
  readonly #timeouts: Timeouts;
  readonly #trust: Trust;
  #isClosing = false;
  #underWay = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#pool = new ReusePool({ ...REUSE_LIMITS, ...options.reuse });
    this.#memory = new ServerMemory(options.clock);
    this.#deadlines = options.deadlines ?? new Deadlines();
    this.#timeouts = { ...TIMEOUTS_MS, ...options.timeouts };
    this.#trust = new Trust(options.authorities);
  }

  /** Connections open now, idle ones among them. */
  get connections(): number {
    return this.#pool.liveCount;
  }

  async deliver(errand: Errand): Promise<Delivery> {
    const journey: Journey = {
      errand,
      attempts: [],
      fates: [],
      open: errand.envelope.recipients.map((_, at) => at),
      connections: 0,
      verdicts: 0,
    };
    this.#underWay++;
    try {
      const trouble = await this.#goRound(journey);
      const isCancelled = this.#isClosing || errand.signal?.aborted === true;
      if (trouble !== undefined && !isCancelled) this.#decideRest(journey, { stage: 'connect', reply: null, ...trouble });
      const silence = isCancelled ? 'cancelled' : 'noServer';
      this.#decideRest(journey, { fate: 'later', stage: 'connect', host: placeName(errand), reply: null, trouble: silence });
    } finally {
      this.#underWay--;
    }
    return { attempts: journey.attempts, fates: journey.fates.filter((fate) => fate !== undefined) };
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#pool.closeIdle();
    const giveUpAt = performance.now() + CLOSE_MS;
    while ((this.#underWay > 0 || this.#pool.liveCount > 0) && performance.now() < giveUpAt) await sleep(CLOSE_LOOK_MS);
    this.#pool.destroy();
  }

  /** Tries server after server while somebody is undecided. */
  async #goRound(journey: Journey): Promise<RouteTrouble | undefined> {
    const { route, signal } = journey.errand;
    const late: Candidate[] = [];
    const found = candidates(route, this.#options.route, signal);
    for (let next = await found.next(); ; next = await found.next()) {
      if (next.done === true) {
        for (const candidate of late) if (this.#mayGoOn(journey)) await this.#visit(journey, candidate);
        return next.value;
      }
      if (!this.#mayGoOn(journey)) return undefined;
      if (this.#memory.isUnreachable(addressOf(next.value))) late.push(next.value);
      else await this.#visit(journey, next.value);
    }
  }

  #mayGoOn(journey: Journey): boolean {
    const isWanted = journey.errand.signal?.aborted !== true && !this.#isClosing;
    return isWanted && journey.open.length > 0 && journey.connections < CONNECTION_LIMIT && journey.verdicts < VERDICT_LIMIT;
  }

  /** One server: over a connection that is already there, else over a new one, in clear if its TLS is broken and may be. */
  async #visit(journey: Journey, candidate: Candidate): Promise<void> {
    const wanted = planFor(journey.errand.route);
    const isBroken = mayFallBack(wanted) && this.#memory.hasBrokenTls(addressOf(candidate));
    const place = this.#placeFor(journey, candidate, isBroken ? PLAIN : wanted);
    for (let kept = this.#pool.take(place.key); kept !== undefined; kept = this.#pool.take(place.key)) {
      // A kept connection that dies under our hands says nothing about the server: take the next one or open a new one.
      if (await this.#use(journey, place, kept)) return;
    }
    const session = await this.#open(journey, place);
    if (session.end === undefined) await this.#use(journey, place, session);
    else if (session.end.trouble === 'tlsFailed' && mayFallBack(place.plan) && this.#mayGoOn(journey))
      await this.#visitInClear(journey, candidate);
  }

  async #visitInClear(journey: Journey, candidate: Candidate): Promise<void> {
    this.#memory.brokenTls(addressOf(candidate));
    const place = this.#placeFor(journey, candidate, PLAIN);
    const session = await this.#open(journey, place);
    if (session.end === undefined) await this.#use(journey, place, session);
  }

  #placeFor({ errand }: Journey, candidate: Candidate, plan: TlsPlan): Place {
    const { host, ip, port } = candidate;
    const user = errand.route.via === 'mx' ? '' : (errand.route.auth?.user ?? '');
    return { candidate, plan, key: `${host} ${ip} ${port} ${planName(plan)} ${user}` };
  }

  async #open(journey: Journey, { candidate, plan, key }: Place): Promise<OutSession> {
    const { route, signal } = journey.errand;
    const { name, localAddresses } = this.#options;
    const localAddress = localAddresses?.[candidate.ip.includes(':') ? 6 : 4];
    const startedAt = performance.now();
    journey.connections++;
    const opening = new OutSession({
      candidate,
      plan,
      name,
      context: this.#trust.contextFor(plan),
      deadlines: this.#deadlines,
      timeouts: this.#timeouts,
      onBug: this.#options.onBug,
      ...(route.via !== 'mx' && route.auth !== undefined ? { auth: route.auth } : {}),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    this.#pool.adopt(key, opening);
    await cancellable(opening, signal, opening.opened);
    if (opening.end === undefined) this.#memory.reached(addressOf(candidate));
    else {
      if (opening.end.stage === 'connect' && opening.end.trouble !== 'cancelled') this.#memory.unreachable(addressOf(candidate));
      this.#record(journey, opening, startedAt);
      for (const at of journey.open) journey.fates[at] = moreTelling(journey.fates[at], fateOfEnd(opening.end, candidate.host));
    }
    return opening;
  }

  /** Sends to everybody open. False when a connection used before broke before it heard anything: nothing is decided then. */
  async #use(journey: Journey, place: Place, session: OutSession): Promise<boolean> {
    const isKept = session.messages > 0;
    for (const group of inGroups(journey.open, RECIPIENTS_PER_MESSAGE)) {
      if (!session.isReady || journey.errand.signal?.aborted === true) break;
      const startedAt = performance.now();
      const outcomes = await this.#send(journey, session, group);
      if (isKept && outcomes.every(isStale)) return false;
      this.#record(journey, session, startedAt);
      this.#judge(journey, session, { group, outcomes });
    }
    if (session.end !== undefined) for (const at of journey.open) journey.fates[at] ??= fateOfEnd(session.end, session.candidate.host);
    journey.verdicts++;
    if (this.#isClosing) session.close();
    else this.#pool.give(place.key, session);
    return true;
  }

  #send({ errand }: Journey, session: OutSession, group: readonly number[]): Promise<readonly RecipientOutcome[]> {
    const { recipients } = errand.envelope;
    const wanted = group.map((at) => recipients[at]).filter((recipient): recipient is EnvelopeRecipient => recipient !== undefined);
    return cancellable(
      session,
      errand.signal,
      session.send(messageFor(errand, wanted), () => errand.content()),
    );
  }

  #judge(
    journey: Journey,
    session: OutSession,
    { group, outcomes }: { group: readonly number[]; outcomes: readonly RecipientOutcome[] },
  ): void {
    const decided = new Set<number>();
    outcomes.forEach((outcome, index) => {
      const at = group[index] ?? -1;
      const { fate, goOn } = verdictOn(outcome, { host: session.candidate.host, tls: session.tls, reports: session.knowsDsn });
      journey.fates[at] = goOn ? moreTelling(journey.fates[at], fate) : fate;
      if (!goOn) decided.add(at);
    });
    journey.open = journey.open.filter((at) => !decided.has(at));
  }

  #decideRest({ errand, fates }: Journey, fate: Fate): void {
    errand.envelope.recipients.forEach((_, at) => {
      fates[at] ??= fate;
    });
  }

  #record(journey: Journey, session: OutSession, startedAt: number): void {
    const { host, ip, port } = session.candidate;
    const tookMs = Math.round(performance.now() - startedAt);
    journey.attempts.push({ host, peer: { ip, port, host }, tls: session.tls, tookMs, dialogue: session.dialogue });
  }
}

const addressOf = ({ ip, port }: Candidate): string => `${ip} ${port}`;
const placeName = ({ route }: Errand): string => (route.via === 'mx' ? route.domain : route.host);

/** The other side closed a kept connection, perhaps while we were already speaking: nothing was begun. */
function isStale(outcome: RecipientOutcome): boolean {
  if (outcome.outcome === 'refused') return outcome.reply.code === 421 && outcome.stage === 'mail';
  return outcome.outcome === 'broken' && outcome.stage === 'mail' && !outcome.mayBeTaken && outcome.trouble !== 'cancelled';
}

async function cancellable<T>(session: OutSession, signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  const stop = (): void => session.giveUp('cancelled');
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
