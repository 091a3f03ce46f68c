/**
 * The part of a delivery report (RFC 3464) that people read: both languages in
 * one text, the reader's own first, with each recipient's story, whose turn it
 * is, the next step and the server's exact words (R-54).
 */
import type { JourneyId } from '../../core/ids.ts';
import type { ReplyFacts } from '../../core/step.ts';
import { type Explanation, explain } from './explain.ts';
import { printable } from './printable.ts';
import { readable } from './readable.ts';
import type { ActionOwner, Language } from './sayings.table.ts';
import { type Moments, momentsOf } from './tell/moments.ts';
import { daysOf, domainOf } from './tell/scene.ts';

export type DsnRecipient = Readonly<{
  address: string;
  reply: ReplyFacts | null;
  /** Where no reply came: the courier's name for it. */
  trouble?: string | null;
  /** The server that answered, '' when none was reached. */
  host: string;
  /** Failure after days of trying: how long (ms). */
  afterMs?: number;
  /** Delay: when next, and when we give up (ms). */
  nextAt?: number;
  giveUpAt?: number;
  /** Success: in a mailbox here, and not only handed over. */
  delivered?: boolean;
}>;

export type DsnStory = Readonly<{
  report: 'failure' | 'delay' | 'success';
  journey: JourneyId;
  /** The reader's language: it comes first. */
  language: Language;
  recipients: readonly DsnRecipient[];
  /** Of the message it is about. */
  subject: string | null;
  sentAt: number;
  timeZone?: string;
  /** Who sent the message, where that is somebody else than the reader: a postmaster hears of mail that passed through. '' where it was sent on in our own name. */
  onBehalf?: string;
}>;

/** `text` has LF line ends and Unicode text. */
export type DsnWords = Readonly<{ subject: string; text: string }>;

/** Recipients told of in words; all of them are in the part for machines. */
const RECIPIENTS_LIMIT = 50;
const RAW_LIMIT = 20;
const SUBJECT_LIMIT = 200;

type Phrases = Readonly<{
  title: Readonly<Record<DsnStory['report'], string>>;
  intro: Readonly<Record<DsnStory['report'], string>>;
  introOf: Readonly<Record<DsnStory['report'], (sender: string) => string>>;
  outro: Readonly<Record<DsnStory['report'], string>>;
  somebody: string;
  turn: string;
  owners: Readonly<Record<Exclude<ActionOwner, 'them'> | 'us', string>>;
  next: string;
  said(host: string): string;
  about(subject: string, sent: string): string;
  aboutOf(sender: string, subject: string, sent: string): string;
  more(count: number): string;
  expired(days: number): string;
  nextTry(at: string, until: string): string;
  accepted(org: string): string;
  delivered: string;
  journey: string;
  other: string;
}>;

const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    title: { failure: 'Not delivered', delay: 'Not yet delivered', success: 'Handed over' },
    intro: {
      failure: 'Your message was not delivered to:',
      delay: 'Your message has not been delivered yet to the people below. We keep trying; you need not send it again.',
      success: 'You asked to be told how your message went:',
    },
    introOf: {
      failure: (sender) => `A message of ${sender} was not delivered to:`,
      delay: (sender) => `A message of ${sender} has not been delivered yet to the people below. We keep trying.`,
      success: (sender) => `This is how a message of ${sender} went:`,
    },
    outro: {
      failure: 'Other recipients, if any, are not affected.',
      delay: 'You will hear from us if it does not work out.',
      success: 'Handed over means: their server took it. Whether it was read, nobody can tell.',
    },
    somebody: 'somebody else',
    turn: 'Whose turn',
    owners: { you: 'you', us: 'us, we try again', admin: 'our administrator', nobody: 'nobody' },
    next: 'Next step',
    said: (host) => (host === '' ? 'The exact answer:' : `The exact answer of ${host}:`),
    about: (subject, sent) => `Your message: ${subject}, sent at ${sent}`,
    aboutOf: (sender, subject, sent) => `The message of ${sender}: ${subject}, sent at ${sent}`,
    more: (count) => `and ${count} more; all of them are listed in the attached report.`,
    expired: (days) => `Not delivered – no success in ${days} ${days === 1 ? 'day' : 'days'}.`,
    nextTry: (at, until) => `Next try at ${at}; we keep trying until ${until}.`,
    accepted: (org) => `${org} accepted it. From here on only they know what happens.`,
    delivered: 'It is in the mailbox.',
    journey: 'The whole story of this message has the number',
    other: 'In English',
  },
  nl: {
    title: { failure: 'Niet bezorgd', delay: 'Nog niet bezorgd', success: 'Overgedragen' },
    intro: {
      failure: 'Je bericht is niet bezorgd bij:',
      delay: 'Je bericht is nog niet bezorgd bij de mensen hieronder. Wij blijven het proberen; je hoeft het niet opnieuw te sturen.',
      success: 'Je vroeg om te horen hoe het met je bericht ging:',
    },
    introOf: {
      failure: (sender) => `Een bericht van ${sender} is niet bezorgd bij:`,
      delay: (sender) => `Een bericht van ${sender} is nog niet bezorgd bij de mensen hieronder. Wij blijven het proberen.`,
      success: (sender) => `Zo ging het met een bericht van ${sender}:`,
    },
    outro: {
      failure: 'Voor andere ontvangers verandert er niets.',
      delay: 'Lukt het uiteindelijk niet, dan hoor je dat van ons.',
      success: 'Overgedragen betekent: hun server nam het aan. Of het gelezen is, weet niemand.',
    },
    somebody: 'iemand anders',
    turn: 'Wie is aan zet',
    owners: { you: 'jij', us: 'wij, we proberen het opnieuw', admin: 'onze beheerder', nobody: 'niemand' },
    next: 'Volgende stap',
    said: (host) => (host === '' ? 'Het letterlijke antwoord:' : `Het letterlijke antwoord van ${host}:`),
    about: (subject, sent) => `Je bericht: ${subject}, verstuurd om ${sent}`,
    aboutOf: (sender, subject, sent) => `Het bericht van ${sender}: ${subject}, verstuurd om ${sent}`,
    more: (count) => `en nog ${count}; ze staan allemaal in het bijgevoegde bericht.`,
    expired: (days) => `Niet bezorgd – na ${days === 1 ? 'één dag' : `${days} dagen`} nog niet gelukt.`,
    nextTry: (at, until) => `Volgende poging om ${at}; we proberen het tot ${until}.`,
    accepted: (org) => `${org} heeft het bericht aangenomen. Wat er daarna gebeurt, weten alleen zij.`,
    delivered: 'Het is in de mailbox.',
    journey: 'Het hele verhaal van dit bericht heeft het nummer',
    other: 'In het Nederlands',
  },
};

const NO_SUBJECT: Readonly<Record<Language, string>> = { en: '(no subject)', nl: '(geen onderwerp)' };

export function dsnWords(story: DsnStory): DsnWords {
  const other: Language = story.language === 'en' ? 'nl' : 'en';
  const text = [...section(story, story.language), '', `──── ${PHRASES[other].other} ────`, '', ...section(story, other)].join('\n');
  const about = subjectOf(story, story.language);
  return { subject: `${titleOf(story, story.language)}: ${about} / ${titleOf(story, other)}`, text: `${text}\n` };
}

/** A success that ended in a mailbox here is a delivery; anything else was handed over. */
function titleOf({ report, recipients }: DsnStory, language: Language): string {
  if (report === 'success' && recipients.every(({ delivered }) => delivered === true)) return language === 'en' ? 'Delivered' : 'Bezorgd';
  return PHRASES[language].title[report];
}

function subjectOf({ subject }: DsnStory, language: Language): string {
  const clean = printable((subject ?? '').slice(0, SUBJECT_LIMIT)).trim();
  return clean === '' ? NO_SUBJECT[language] : clean;
}

function section(story: DsnStory, language: Language): readonly string[] {
  const phrases = PHRASES[language];
  const moments = momentsOf(language, story.timeZone ?? 'UTC', 0);
  const told = story.recipients.slice(0, RECIPIENTS_LIMIT);
  const sender = story.onBehalf === '' ? phrases.somebody : story.onBehalf === undefined ? undefined : shown(story.onBehalf);
  const lines = [sender === undefined ? phrases.intro[story.report] : phrases.introOf[story.report](sender), ''];
  for (const recipient of told)
    lines.push(
      ...recipientLines(recipient, { report: story.report, language, moments, sender: story.onBehalf === '' ? undefined : sender }),
      '',
    );
  if (story.recipients.length > told.length) lines.push(phrases.more(story.recipients.length - told.length), '');
  lines.push(phrases.outro[story.report], '');
  const [subject, sent] = [subjectOf(story, language), moments.moment(story.sentAt)];
  const about = sender === undefined ? phrases.about(subject, sent) : phrases.aboutOf(sender, subject, sent);
  lines.push(about, `${phrases.journey} ${story.journey}.`);
  return lines;
}

type Telling = Readonly<{
  report: DsnStory['report'];
  language: Language;
  moments: Moments /** Who can act where the writer can; undefined: the reader. */;
  sender: string | undefined;
}>;

function recipientLines(recipient: DsnRecipient, telling: Telling): readonly string[] {
  const facts = telling.report === 'success' ? successFacts(recipient, telling) : troubleFacts(recipient, telling);
  return [`  ${shown(recipient.address)}`, ...facts.map((fact) => `    ${fact}`), ...rawLines(recipient, telling)];
}

function successFacts({ address, delivered }: DsnRecipient, { language }: Telling): readonly string[] {
  const phrases = PHRASES[language];
  return [delivered === true ? phrases.delivered : phrases.accepted(shown(domainOf(address)))];
}

function troubleFacts(recipient: DsnRecipient, telling: Telling): readonly string[] {
  const { report, language, moments } = telling;
  const phrases = PHRASES[language];
  const found = explained(recipient, report === 'delay');
  const facts: string[] = [];
  if (recipient.afterMs !== undefined) facts.push(phrases.expired(daysOf(recipient.afterMs)));
  facts.push(found.meaning[language]);
  if (report === 'delay' && recipient.nextAt !== undefined && recipient.giveUpAt !== undefined) {
    facts.push(phrases.nextTry(moments.moment(recipient.nextAt), moments.until(recipient.giveUpAt, recipient.nextAt)));
  }
  // Days of trying are over: that, and not the last answer, says what to do now.
  const advice = recipient.afterMs === undefined ? found : explain('expired', '');
  // While we still try, it is our turn, whoever may help along.
  const turn = report === 'delay' ? phrases.owners.us : ownerName(advice, recipient, telling);
  facts.push(`${phrases.turn}: ${turn}`, `${phrases.next}: ${advice.next[language]}`);
  return facts;
}

function explained({ reply, trouble, host, afterMs }: DsnRecipient, willRetry: boolean): Explanation {
  if (reply !== null) return explain(reply, host, willRetry);
  return explain(trouble ?? (afterMs === undefined ? 'unknown' : 'expired'), host, willRetry);
}

function ownerName({ owner }: Explanation, { address }: DsnRecipient, { language, sender }: Telling): string {
  if (owner === 'you' && sender !== undefined) return sender;
  return owner === 'them' ? shown(domainOf(address)) : PHRASES[language].owners[owner];
}

const shown = (address: string): string => printable(readable(address));

function rawLines({ reply, host }: DsnRecipient, { language }: Telling): readonly string[] {
  if (reply === null || reply.lines.length === 0) return [];
  return [`    ${PHRASES[language].said(printable(host))}`, ...reply.lines.slice(0, RAW_LIMIT).map((line) => `      ${printable(line)}`)];
}
