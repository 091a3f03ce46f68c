/**
 * Builds the house: every object, in order, joined by hand. Read it like a
 * recipe; nothing else knows all the parts.
 */
import { availableParallelism } from 'node:os';
import { some } from '../lib/some.ts';
import type { IdMaker } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Courier } from '../core/ports/courier.ts';
import type { Dice } from '../core/ports/dice.ts';
import type { KeyMaker } from '../core/ports/key-maker.ts';
import type { Resolver } from '../core/ports/resolver.ts';
import type { Store } from '../core/ports/store.ts';
import { isGlobal } from '../codec/net/ip-scope.ts';
import { Pushes } from '../edge/http/push/pushes.ts';
import type { TlsOffer } from '../edge/net/tls-session.ts';
import { SmtpCourier } from '../edge/smtp-out/courier.ts';
import type { RouteOptions } from '../edge/smtp-out/route.ts';
import type { Timeouts } from '../edge/smtp-out/timeouts.ts';
import { type LiveAccounts, openAccounts } from '../service/accounts/accounts.ts';
import { type Journal, type JourneyReader, openJournal, openReader, type ReaderParts } from '../service/journey/journey.ts';
import { type Mailboxes, openMailboxes, SealedObjects } from '../service/mailboxes/mailboxes.ts';
import type { Kept } from '../service/pipeline/content.ts';
import type { Letter } from '../service/pipeline/letter.ts';
import { isProvenSender } from '../service/pipeline/proven-sender.ts';
import { Pipeline } from '../service/pipeline/pipeline.ts';
import { Queue, Reporter, type RouteChoice } from '../service/queue/queue.ts';
import { Identities, ObjectShelf, SentMail } from '../service/submissions/submissions.ts';
import type { SchedulerParts } from '../service/queue/scheduler.ts';

/** What the house stands on: the memory adapters in tests, the real ones otherwise. */
export type Ground = Readonly<{
  store: Store;
  keyring: KeyMaker;
  clock: Clock;
  dice: Dice;
  ids: IdMaker;
  resolver: Resolver;
  tls: TlsOffer;
  onTrouble(where: string, error: unknown): void;
}>;

export type HouseSettings = Readonly<{
  hostName: string;
  /** Octets of the largest message. */
  sizeLimit: number;
  /** The port of other people's MX hosts: 25 but in a play. */
  mxPort: number;
  /** SECURITY: addresses a stranger's MX record may lead us to; by default global ones only. */
  mayReach?: RouteOptions['mayReach'];
  /** Authorities believed besides the well-known ones, PEM. */
  authorities?: readonly string[];
  /** Everything that leaves goes here. */
  smarthost?: Exclude<RouteChoice, { via: 'mx' | 'discard' }>;
  /** Minutes after each failed try; the last one repeats. */
  retryMinutes?: readonly number[];
  delayNoticeMs?: number;
  giveUpMs?: number;
  minimumPassword?: number;
  courierTimeouts?: Partial<Timeouts>;
  limits?: SchedulerParts['limits'];
  /** Addresses to speak from, by IP version. */
  source?: Readonly<{ 4?: string; 6?: string }>;
}>;

export type House = Readonly<{
  ground: Ground;
  settings: HouseSettings;
  accounts: LiveAccounts;
  mailboxes: Mailboxes;
  journal: Journal;
  reader: JourneyReader;
  queue: Queue;
  pipeline: Pipeline;
  courier: Courier;
  pushes: Pushes;
  identities: Identities;
  sentMail: SentMail;
  /** Drains the queue's errands within `graceMs`, then closes the store. Listeners are closed first, by whoever opened them. */
  close(graceMs: number): Promise<void>;
}>;

/** Of libuv's pool of four: files and look-ups of hosts need a thread too. */
const HASHING_THREADS = 3;

export async function buildHouse(ground: Ground, settings: HouseSettings): Promise<House> {
  const { store, keyring, clock, ids } = ground;
  const trouble = (where: string) => (error: unknown) => ground.onTrouble(where, error);
  const accounts = await openAccounts({
    ...ground,
    store: store.directory,
    keys: keyring,
    onTrouble: trouble('accounts'),
    parallel: Math.min(availableParallelism(), HASHING_THREADS),
    ...some({ minimumPassword: settings.minimumPassword }),
  });
  const mailboxes = openMailboxes({ store, keyring, clock, ids, limits: { messageBytes: settings.sizeLimit } });
  const journal = openJournal({ keyring, ids });
  const reader = openReader({ store, keyring, accounts: eyesOf(accounts), now: () => clock.now() });
  const courier = openCourier(ground, settings, accounts);
  const { hostName, sizeLimit, giveUpMs, delayNoticeMs, retryMinutes, limits } = settings;
  const reporter = new Reporter({ ...ground, accounts, store: store.queue, hostName, intake: { take: (mail) => pipeline.take(mail) } });
  const queue = new Queue({
    ...ground,
    store: store.queue,
    courier,
    journal,
    route: (domain) => routeOf({ accounts, arrive: (mail) => pipeline.arrive(mail) }, settings, domain),
    worker: `${process.pid}`,
    report: (job, verdicts) => reporter.report(job, verdicts),
    onTrouble: trouble('queue'),
    ...some({ giveUpMs, delayNoticeMs, retryMinutes, limits }),
  });
  const pipeline: Pipeline = new Pipeline({
    ...ground,
    journal,
    queue,
    accounts,
    hostName,
    sizeLimit,
    inboxOf: (account) => mailboxes.placeFor(account, 'inbox'),
    onTrouble: trouble('pipeline'),
    onAccepted: (letter, kept) => void tellDelivered({ ...ground, reporter }, letter, kept).catch(trouble('report')),
  });
  const pushes = openPushes(ground, settings, accounts);
  const identities = new Identities(accounts, new ObjectShelf({ store, keyring }, 'identity'), ids);
  const sentMail = openSentMail(ground, { door: pipeline, queue, reader });
  queue.start();
  const close = async (graceMs: number): Promise<void> => {
    await queue.stop(graceMs);
    await courier.close();
    await pipeline.close();
    pushes.close();
    mailboxes.close();
    await accounts.close();
    await store.close();
  };
  return { ground, settings, accounts, mailboxes, journal, reader, queue, pipeline, courier, pushes, identities, sentMail, close };
}

const eyesOf = (accounts: LiveAccounts): ReaderParts['accounts'] => ({
  organisationOf: (account) => accounts.person(account)?.organisation,
  mayUse: (account, address) => accounts.mayUse(account, address),
});

function openCourier(ground: Ground, settings: HouseSettings, accounts: LiveAccounts): Courier {
  const { clock, dice, resolver } = ground;
  const { mayReach, authorities, courierTimeouts, source } = settings;
  return new SmtpCourier({
    clock,
    name: settings.hostName,
    onBug: (bug) => ground.onTrouble('courier', bug),
    route: {
      resolver,
      dice,
      mxPort: settings.mxPort,
      isOurs: (host) => host === settings.hostName || accounts.domains().some(({ name }) => name === host),
      ...some({ mayReach }),
    },
    ...some({ localAddresses: source, authorities, timeouts: courierTimeouts }),
  });
}

function openPushes(ground: Ground, settings: HouseSettings, accounts: LiveAccounts): Pushes {
  const { store, keyring, clock, dice, ids, resolver } = ground;
  const { mayReach = isGlobal, authorities } = settings;
  return new Pushes({
    accounts,
    clock,
    dice,
    ids,
    objects: new SealedObjects({ store, keyring }, 'push'),
    key: keyring.server,
    subject: `mailto:postmaster@${settings.hostName}`,
    route: { resolver, mayReach, ...some({ authorities }) },
    onChange: (listener) => store.onChange(listener),
    onTrouble: (error) => ground.onTrouble('push', error),
  });
}

function openSentMail(ground: Ground, parts: Readonly<{ door: Pipeline; queue: Queue; reader: JourneyReader }>): SentMail {
  const { store, keyring, clock, ids } = ground;
  return new SentMail({
    ...parts,
    shelf: new ObjectShelf({ store, keyring }, 'submission'),
    ids,
    clock,
    onChange: (listener) => store.onChange(listener),
    onTrouble: (error) => ground.onTrouble('submissions', error),
  });
}

/** What waited for its time may be for our own people. A relay domain has its own place; everything else goes by the smarthost where there is one, else by MX. */
function routeOf(
  { accounts, arrive }: Pick<House, 'accounts'> & Pick<Pipeline, 'arrive'>,
  settings: HouseSettings,
  domain: string,
): RouteChoice {
  const where = accounts.resolve({ local: 'postmaster', domain });
  if (where.found === 'local' || where.found === 'nobody') return { via: 'here', arrive };
  if (where.found === 'relay') {
    const { route } = where;
    return route.to === 'discard' ? { via: 'discard' } : { via: 'fixed', host: route.host, port: route.port, tls: 'opportunistic' };
  }
  return settings.smarthost ?? { via: 'mx', domain };
}

/**
 * A sender may have asked to be told when it is delivered (RFC 3461
 * NOTIFY=SUCCESS). A stranger hears it only where the asking server is proven
 * to be the sender's own: a forged address is never written to.
 */
async function tellDelivered(
  parts: Readonly<{ reporter: Reporter; resolver: Resolver; clock: Clock }>,
  letter: Letter,
  kept: Kept,
): Promise<void> {
  const filings = letter.outcomes.flatMap((outcome) => (outcome.do === 'file' ? [outcome] : []));
  const recipients = letter.recipients
    .map(({ given }) => given)
    .filter(({ address, notify }) => notify?.success === true && filings.some(({ given }) => given === address));
  const [filing] = filings;
  if (recipients.length === 0 || filing === undefined || letter.caller === null) return;
  const isStranger = letter.owner === null;
  if (isStranger && !(await isProvenSender(parts.resolver, letter.envelope.from, letter.caller.peer.ip))) return;
  const owner = letter.owner ?? filing.organisation;
  const { subject } = kept.structure.envelope;
  await parts.reporter.delivered(
    { owner, journey: letter.journey, envelope: letter.envelope, subject, sentAt: parts.clock.now(), original: null },
    recipients,
    isStranger,
  );
}
