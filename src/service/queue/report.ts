/**
 * Delivery reports (RFC 3461, RFC 3464): to our own senders only, never about
 * a message without a sender, in English and Dutch at once, and taken in
 * by the same road as all mail.
 */
import { hash } from 'node:crypto';
import { buildDsn, type BuiltDsn, FULL_RETURN_LIMIT, HEADER_RETURN_LIMIT } from '../../codec/report/dsn.ts';
import type { DsnAction, DsnRecipient as DsnFactsOf } from '../../codec/report/dsn-fields.ts';
import { decodedHeader } from '../../codec/mime/encoded-word.ts';
import { splitAddress } from '../../core/address.ts';
import { DEFAULT_NOTIFY, type EnvelopeRecipient, type Notify } from '../../core/envelope.ts';
import type { AccountId, JourneyId, OwnerId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Intake } from '../../core/ports/intake.ts';
import type { QueueStore } from '../../core/ports/store.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Step } from '../../core/step.ts';
import type { Accounts, Language } from '../accounts/accounts.ts';
import { dsnWords } from '../journey/journey.ts';
import { first, type Job, readPlain } from './job.ts';
import type { Outgoing } from './outgoing.ts';
import type { Verdict } from './settle.ts';

export type ReporterParts = Readonly<{
  accounts: Pick<Accounts, 'resolve' | 'person' | 'domains'>;
  store: QueueStore;
  clock: Clock;
  dice: Dice;
  intake: Intake;
  hostName: string;
}>;

/** One recipient to be reported on. */
export type ReportLine = Readonly<{
  recipient: EnvelopeRecipient;
  reply: Verdict['reply'];
  trouble: string | null;
  host: string;
  nextAt?: number;
  giveUpAt?: number;
  afterMs?: number;
  delivered?: boolean;
}>;

type ReportKind = 'failure' | 'delay' | 'success';

/** Everything one report is made of. */
export type Report = Readonly<{
  kind: ReportKind;
  owner: OwnerId;
  journey: JourneyId;
  envelope: Outgoing['envelope'];
  subject: string | null;
  sentAt: number;
  lines: readonly ReportLine[];
  original: Readonly<{ give: 'full' | 'headers'; message: Buffer }> | null;
  /** Whose message it is, where not the addressee's: '' where the house sent it on in its own name. */
  onBehalf?: string;
  /** The same for every try to make this report. */
  effect: string;
}>;

/** RFC 3461 §4.1. */
function wants(notify: Notify | null, kind: ReportKind): boolean {
  const asked = notify ?? { ...DEFAULT_NOTIFY, delay: true };
  return !asked.never && asked[kind];
}

/** What we found ourselves, as RFC 3463 and RFC 7505 number it. */
const TROUBLE_STATUS: ReadonlyMap<string, string> = new Map([
  ['noSuchDomain', '5.1.2'],
  ['nullMx', '5.1.10'],
  ['noServer', '5.4.4'],
  ['loop', '5.4.6'],
  ['tooBig', '5.3.4'],
  ['needs8Bit', '5.6.3'],
  ['needsUtf8', '5.6.7'],
  ['badAddress', '5.1.3'],
  ['badContent', '5.6.0'],
  ['needsTls', '5.7.10'],
]);

/** Enhanced codes where no server gave one: RFC 3463. */
function statusOf(kind: ReportKind, line: ReportLine): string {
  if (line.reply?.enhanced !== null && line.reply?.enhanced !== undefined) return line.reply.enhanced;
  const own = line.trouble === null ? undefined : TROUBLE_STATUS.get(line.trouble);
  if (own !== undefined && kind === 'failure' && line.afterMs === undefined) return own;
  if (kind === 'success') return '2.0.0';
  if (line.afterMs !== undefined) return '4.4.7';
  return kind === 'delay' ? '4.0.0' : '5.0.0';
}

const ACTIONS: Readonly<Record<ReportKind, DsnAction>> = { failure: 'failed', delay: 'delayed', success: 'relayed' };
/** The largest original that is given back whole to somebody who did not say what they want. */
const FULL_UNASKED_BYTES = 100_000;

export class Reporter {
  readonly #parts: ReporterParts;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  /** Reports what the verdicts ask for; gives them back with a step that says so. */
  async report(job: Job, verdicts: readonly Verdict[]): Promise<readonly Verdict[]> {
    const to = this.#addressee(job);
    if (to === undefined) return this.#withoutAddressee(job, verdicts);
    const told = new Map<Verdict, Step>();
    for (const kind of ['failure', 'delay', 'success'] as const) {
      const about = verdicts.filter((verdict) => kindOf(verdict) === kind && wants(verdict.item.known.recipient.notify, kind));
      if (about.length === 0) continue;
      const child = await this.#send(await this.#reportOn(job, kind, about), to);
      for (const verdict of about) told.set(verdict, this.#toldStep(kind, to, verdict.item.known.recipient.address, child));
    }
    return verdicts.map((verdict) => {
      const step = told.get(verdict);
      return step === undefined ? verdict : { ...verdict, steps: [...verdict.steps, step] };
    });
  }

  /** A copy that was filed here for a sender who asked to be told (NOTIFY=SUCCESS): one of ours, or a stranger who was proven. */
  async delivered(
    report: Omit<Report, 'kind' | 'lines' | 'effect'>,
    recipients: readonly EnvelopeRecipient[],
    isProven = false,
  ): Promise<void> {
    const lines = recipients
      .filter(({ notify }) => wants(notify, 'success'))
      .map((recipient): ReportLine => ({ recipient, reply: null, trouble: null, host: '', delivered: true }));
    if (lines.length === 0 || !(isProven || this.#mayReportTo(report.envelope.from))) return;
    await this.#send({ ...report, kind: 'success', lines, effect: `${report.journey} delivered` }, report.envelope.from);
  }

  /** the null sender is never answered, and a stranger's address may be forged. */
  #mayReportTo(from: string): boolean {
    const address = splitAddress(from);
    return address !== undefined && this.#parts.accounts.resolve(address).found === 'local';
  }

  /**
   * Who hears of it. Mail that only passes through, for a relay domain, came
   * from strangers: this server's postmaster gets it back, so that what was
   * answered with 250 is never lost.
   */
  #addressee(job: Job): string | undefined {
    const { envelope, origin } = job.outgoing;
    if (this.#mayReportTo(envelope.from)) return envelope.from;
    const [domain] = origin === 'relay' && envelope.from !== '' ? this.#parts.accounts.domains() : [];
    return domain === undefined ? undefined : `postmaster@${domain.name}`;
  }

  /** A relay without a domain of its own has nobody to tell: what failed is held for the operator to see. */
  #withoutAddressee(job: Job, verdicts: readonly Verdict[]): readonly Verdict[] {
    if (job.outgoing.origin !== 'relay' || job.outgoing.envelope.from === '') return verdicts;
    return verdicts.map((verdict) => (kindOf(verdict) === 'failure' ? { ...verdict, settlement: { to: 'hold' } } : verdict));
  }

  #toldStep(report: ReportKind, to: string, recipient: string, child: JourneyId | undefined): Step {
    return { kind: 'notified', at: this.#parts.clock.now(), recipient, report, to, ...(child === undefined ? {} : { child }) };
  }

  async #reportOn(job: Job, kind: ReportKind, about: readonly Verdict[]): Promise<Report> {
    const { item } = first(job);
    return {
      kind,
      owner: item.owner,
      journey: job.outgoing.journey,
      envelope: job.outgoing.envelope,
      subject: job.outgoing.subject,
      sentAt: item.acceptedAt,
      lines: about.map((verdict) => lineOf(verdict)),
      ...onBehalf(job.outgoing),
      original: await this.#original(job, kind),
      effect: [kind, ...about.map((verdict) => verdict.item.item.item)].join(' '),
    };
  }

  async #original(job: Job, kind: ReportKind): Promise<Report['original']> {
    const { size } = first(job).item;
    const { skip, envelope, origin } = job.outgoing;
    const unasked = envelope.returnContent === null && kind === 'failure' && size <= FULL_UNASKED_BYTES;
    const isFull = (envelope.returnContent === 'full' || unasked || origin === 'relay') && size - skip <= FULL_RETURN_LIMIT;
    const give = isFull && kind === 'failure' ? 'full' : 'headers';
    const to = give === 'full' ? size : Math.min(size, skip + HEADER_RETURN_LIMIT);
    return { give, message: await readPlain(this.#parts.store, job, [skip, to]) };
  }

  async #send(report: Report, to: string): Promise<JourneyId | undefined> {
    const person = this.#parts.accounts.person(report.owner as AccountId);
    const built = this.#build(report, { to, language: person?.language ?? 'en' });
    const taken = await this.#parts.intake.take({
      origin: 'bounce',
      envelope: {
        from: '',
        recipients: [{ address: to, notify: { ...DEFAULT_NOTIFY, never: true, failure: false }, originalRecipient: null }],
        returnContent: null,
        envelopeId: null,
        smtpUtf8: built.smtpUtf8,
        body: built.body,
      },
      content: built.message,
      owner: report.owner,
      ...(person === undefined ? {} : { account: person.account }),
      parent: { journey: report.journey, because: report.kind === 'failure' ? 'bounce' : report.kind },
      effectId: hash('sha256', report.effect, 'buffer').subarray(0, 16),
    });
    return isRefusal(taken) ? undefined : taken.journey;
  }

  #build(report: Report, { to, language }: Readonly<{ to: string; language: Language }>): BuiltDsn {
    const { hostName, clock, dice } = this.#parts;
    const unique = Buffer.from(dice.bytes(15)).toString('hex');
    const domain = splitAddress(to)?.domain ?? hostName;
    const words = dsnWords({
      ...report,
      report: report.kind,
      language,
      subject: report.subject === null ? null : decodedHeader(report.subject),
      recipients: report.lines.map((line) => ({ ...line, address: line.recipient.address })),
    });
    const { envelopeId } = report.envelope;
    return buildDsn({
      facts: {
        reportingMta: hostName,
        ...(envelopeId === null ? {} : { originalEnvelopeId: envelopeId }),
        arrivedAt: report.sentAt,
        recipients: report.lines.map((line) => factsOf(line, report.kind, clock.now())),
      },
      from: `Mail Delivery <postmaster@${domain}>`,
      to,
      subject: words.subject,
      messageId: `<${unique}@${hostName}>`,
      at: clock.now(),
      boundary: unique,
      texts: [{ language, text: words.text }],
      original: report.original,
      mayUseUtf8: report.envelope.smtpUtf8,
    });
  }
}

/** Mail for a relay domain, and mail that was sent on, is not the addressee's own. */
function onBehalf({ origin, envelope }: Outgoing): Pick<Report, 'onBehalf'> {
  if (origin === 'redirect') return { onBehalf: '' };
  return origin === 'relay' ? { onBehalf: envelope.from } : {};
}

function kindOf(verdict: Verdict): ReportKind | null {
  return verdict.report === 'relayed' ? 'success' : verdict.report;
}

function lineOf(verdict: Verdict): ReportLine {
  const { item, settlement } = verdict;
  const expired = verdict.steps.find((step) => step.kind === 'expired');
  return {
    recipient: item.known.recipient,
    reply: verdict.reply ?? (expired === undefined ? null : expired.lastReply),
    trouble: verdict.trouble,
    host: verdict.host,
    ...(settlement.to === 'retry' ? { nextAt: settlement.dueAt, giveUpAt: item.item.expiresAt } : {}),
    ...(expired === undefined ? {} : { afterMs: expired.afterMs }),
  };
}

function factsOf(line: ReportLine, kind: ReportKind, now: number): DsnFactsOf {
  const { recipient, reply } = line;
  return {
    ...(recipient.originalRecipient === null ? {} : { originalRecipient: recipient.originalRecipient }),
    finalRecipient: recipient.address,
    action: line.delivered === true ? 'delivered' : ACTIONS[kind],
    status: statusOf(kind, line),
    ...(line.host === '' ? {} : { remoteMta: line.host }),
    ...(reply === null ? {} : { diagnostic: reply.lines }),
    lastAttemptAt: now,
    ...(line.giveUpAt === undefined ? {} : { willRetryUntil: line.giveUpAt }),
  };
}
