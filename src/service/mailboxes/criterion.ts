/**
 * SEARCH criteria as tests with three answers (RFC 9051 §6.4.4): yes, no, and
 * "more must be read to know". So the same tree is asked again whenever more
 * of a message is known, and nothing is read that would not change the answer.
 */
import { parseDate } from '../../codec/mime/date.ts';
import { decodedHeader } from '../../codec/mime/encoded-word.ts';
import type { Address, Envelope, MessageStructure } from '../../codec/mime/structure.ts';
import type { UidSet } from '../../core/command.ts';
import type { EmailId } from '../../core/ids.ts';
import { Haystack, Needle } from './fold.ts';
import { sameKeyword } from './keywords.ts';
import { CRITERIA_LIMIT, CRITERIA_DEPTH } from './limits.ts';
import type { Criterion } from './mailboxes.ts';

export type Verdict = 'yes' | 'no' | 'unknown';

export type Facts = Readonly<{ size: number; receivedAt: number; thread: number }>;
/** A header field for people: name in lower case, value decoded. */
export type HeaderText = Readonly<{ name: string; text: string }>;

/** What is known of a message so far. */
export type Subject = {
  uid: number;
  email: EmailId;
  flags: number;
  modseq: number;
  keywords: readonly string[];
  facts?: Facts;
  structure?: MessageStructure;
  header?: readonly HeaderText[];
  /** By number of the needle, whether it stands in the body. */
  inBody?: readonly boolean[];
  /** What has been looked into, by what it is: folded once, however many criteria look. Null where the message has none. */
  hays?: Map<string, Haystack | null>;
};

type Test = (subject: Subject) => Verdict;

/** A compiled search, and what it may have to read. */
export type Plan = Readonly<{
  test: Test;
  needs: Readonly<{ facts: boolean; structure: boolean; header: boolean; body: boolean }>;
  /** What is looked for in bodies. */
  bodyNeedles: readonly Needle[];
}>;

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;
/** Characters of a Date field that are looked at. */
const DATE_LIMIT = 200;
/** A date up to its clock, seconds included: what it says without its zone. */
const WALL_CLOCK = /^[^:]{0,60}:\d{2}(?::\d{2})?/;

const verdict = (yes: boolean): Verdict => (yes ? 'yes' : 'no');

/** Undefined past CRITERIA_LIMIT or CRITERIA_DEPTH. */
export function compile(criterion: Criterion, now: number): Plan | undefined {
  const compiler = new Compiler(now);
  const test = compiler.of(criterion, 0);
  return compiler.tooMuch ? undefined : { test, needs: compiler.needs, bodyNeedles: compiler.bodyNeedles };
}

class Compiler {
  readonly needs = { facts: false, structure: false, header: false, body: false };
  readonly bodyNeedles: Needle[] = [];
  tooMuch = false;
  readonly #now: number;
  #count = 0;

  constructor(now: number) {
    this.#now = now;
  }

  of(criterion: Criterion, depth: number): Test {
    if (++this.#count > CRITERIA_LIMIT || depth > CRITERIA_DEPTH) {
      this.tooMuch = true;
      return () => 'no';
    }
    switch (criterion.by) {
      case 'all':
        return () => 'yes';
      case 'and':
        return allOf(criterion.of.map((part) => this.of(part, depth + 1)));
      case 'or':
        return anyOf(criterion.of.map((part) => this.of(part, depth + 1)));
      case 'not':
        return opposite(this.of(criterion.of, depth + 1));
      case 'uids':
        return ({ uid }) => verdict(isIn(criterion.uids, uid));
      case 'flag':
        return ({ flags }) => verdict(((flags & criterion.flag) !== 0) === criterion.set);
      case 'keyword':
        return ({ keywords }) => verdict(keywords.some((one) => sameKeyword(one, criterion.keyword)) === criterion.set);
      case 'modseq':
        return ({ modseq }) => verdict(modseq >= criterion.from);
      case 'email':
        return ({ email }) => verdict(email === criterion.email);
      case 'holds':
        return ({ email }) => verdict(criterion.holds(email));
      case 'structure':
        return this.#structure((structure) => criterion.holds(structure));
      case 'larger':
        return this.#facts(({ size }) => size > criterion.octets);
      case 'smaller':
        return this.#facts(({ size }) => size < criterion.octets);
      case 'thread':
        return this.#facts(({ thread }) => thread === criterion.thread);
      case 'age':
        return this.#age(criterion.when, criterion.seconds);
      case 'received':
        return this.#facts(({ receivedAt }) => isThen(receivedAt, criterion.when, criterion.day));
      case 'sent':
        return this.#sent(criterion.when, criterion.day);
      case 'header':
        return this.#header(criterion.field.toLowerCase(), new Needle(criterion.text));
      case 'body':
        return this.#body(new Needle(criterion.text));
      case 'text':
        return this.#text(new Needle(criterion.text));
    }
  }

  #facts(holds: (facts: Facts) => boolean): Test {
    this.needs.facts = true;
    return ({ facts }) => (facts === undefined ? 'unknown' : verdict(holds(facts)));
  }

  /** RFC 5032 §3, to the second: both include the moment itself. */
  #age(when: 'older' | 'younger', seconds: number): Test {
    const target = Math.floor(this.#now / SECOND_MS) - seconds;
    const at = (ms: number): number => Math.floor(ms / SECOND_MS);
    return this.#facts(({ receivedAt }) => (when === 'older' ? at(receivedAt) <= target : at(receivedAt) >= target));
  }

  #structure(holds: (structure: MessageStructure, subject: Subject) => boolean): Test {
    this.needs.structure = true;
    return (subject) => (subject.structure === undefined ? 'unknown' : verdict(holds(subject.structure, subject)));
  }

  /** A message without a date was not sent before, on or since any day. */
  #sent(when: 'before' | 'on' | 'since', day: number): Test {
    return this.#structure(({ envelope }) => {
      const sent = writtenDate(envelope.date);
      return sent !== undefined && isThen(sent, when, day);
    });
  }

  #header(field: string, needle: Needle): Test {
    const inEnvelope = ENVELOPE_FIELDS.get(field);
    if (inEnvelope !== undefined) {
      return this.#structure(({ envelope }, subject) => {
        const hay = hayOf(subject, field, () => inEnvelope(envelope));
        return hay !== null && needle.isIn(hay);
      });
    }
    this.needs.header = true;
    return (subject) => {
      const { header } = subject;
      if (header === undefined) return 'unknown';
      const hay = hayOf(subject, field, () => valuesOf(header, field));
      return verdict(hay !== null && needle.isIn(hay));
    };
  }

  #body(needle: Needle): Test {
    this.needs.body = true;
    const number = this.bodyNeedles.push(needle) - 1;
    return ({ inBody }) => (inBody === undefined ? 'unknown' : verdict(inBody[number] === true));
  }

  #text(needle: Needle): Test {
    this.needs.header = true;
    const inHeader: Test = (subject) => {
      const { header } = subject;
      if (header === undefined) return 'unknown';
      const hay = hayOf(subject, WHOLE_HEADER, () => wholeOf(header));
      return verdict(hay !== null && needle.isIn(hay));
    };
    return anyOf([inHeader, this.#body(needle)]);
  }
}

/** No field has this name. */
const WHOLE_HEADER = '';
/** Between fields looked at together: no needle holds it, so none is found across two (RFC 9051 §4.3: a string has no NUL). */
const APART = '\0';

/** SECURITY: a thousand criteria over a thousand fields must not fold a million texts. */
function hayOf(subject: Subject, what: string, text: () => string | null): Haystack | null {
  subject.hays ??= new Map();
  const known = subject.hays.get(what);
  if (known !== undefined) return known;
  const found = text();
  const hay = found === null ? null : new Haystack(found);
  subject.hays.set(what, hay);
  return hay;
}

function valuesOf(header: readonly HeaderText[], field: string): string | null {
  const values = header.filter(({ name }) => name === field);
  return values.length === 0 ? null : values.map(({ text }) => text).join(APART);
}

const wholeOf = (header: readonly HeaderText[]): string | null =>
  header.length === 0 ? null : header.map(({ name, text }) => `${name}: ${text}`).join(APART);

function allOf(tests: readonly Test[]): Test {
  return (subject) => {
    let all: Verdict = 'yes';
    for (const test of tests) {
      const answer = test(subject);
      if (answer === 'no') return 'no';
      if (answer === 'unknown') all = 'unknown';
    }
    return all;
  };
}

function anyOf(tests: readonly Test[]): Test {
  return (subject) => {
    let any: Verdict = 'no';
    for (const test of tests) {
      const answer = test(subject);
      if (answer === 'yes') return 'yes';
      if (answer === 'unknown') any = 'unknown';
    }
    return any;
  };
}

function opposite(test: Test): Test {
  return (subject) => {
    const answer = test(subject);
    return answer === 'unknown' ? 'unknown' : verdict(answer === 'no');
  };
}

/** The ranges are sorted and apart (core/command.ts). */
export function isIn(uids: UidSet, uid: number): boolean {
  let low = 0;
  let high = uids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = uids[middle];
    if (range === undefined || uid < range[0]) high = middle;
    else if (uid > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}

function isThen(ms: number, when: 'before' | 'on' | 'since', day: number): boolean {
  const then = Math.floor(ms / DAY_MS) * DAY_MS;
  if (when === 'on') return then === day;
  return when === 'before' ? then < day : then >= day;
}

/** The moment the Date field writes, its zone left aside (RFC 9051 §6.4.4: SENTBEFORE, SENTON, SENTSINCE). */
function writtenDate(field: string | null): number | undefined {
  if (field === null) return undefined;
  const date = field.slice(0, DATE_LIMIT);
  const wall = WALL_CLOCK.exec(date)?.[0];
  return (wall === undefined ? undefined : parseDate(wall)) ?? parseDate(date);
}

const ENVELOPE_FIELDS: ReadonlyMap<string, (envelope: Envelope) => string | null> = new Map([
  ['from', ({ from }: Envelope) => addressText(from)],
  ['sender', ({ sender }: Envelope) => addressText(sender)],
  ['reply-to', ({ replyTo }: Envelope) => addressText(replyTo)],
  ['to', ({ to }: Envelope) => addressText(to)],
  ['cc', ({ cc }: Envelope) => addressText(cc)],
  ['bcc', ({ bcc }: Envelope) => addressText(bcc)],
  ['subject', ({ subject }: Envelope) => (subject === null ? null : decodedHeader(subject))],
  ['date', ({ date }: Envelope) => date],
  ['message-id', ({ messageId }: Envelope) => messageId],
  ['in-reply-to', ({ inReplyTo }: Envelope) => inReplyTo],
]);

/** Names and addresses as a mail app shows them. */
function addressText(addresses: readonly Address[] | null): string | null {
  if (addresses === null) return null;
  return addresses.map(({ name, mailbox, host }) => `${decodedHeader(name ?? '')} <${mailbox ?? ''}@${host ?? ''}>`).join(', ');
}
