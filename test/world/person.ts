/** A person of the house, as their mail programs see it: writes by submission, reads by IMAP, asks what happened. */
import type { JourneyId } from '../../src/core/ids.ts';
import type { Person as Record } from '../../src/service/accounts/accounts.ts';
import { type Journey, type JourneySearch, tell, type Told, type Viewer } from '../../src/service/journey/journey.ts';
import type { House } from '../../src/app/wire.ts';
import { Imap, type Letter } from './imap.ts';
import { journeyIn, type Sent, Smtp } from './smtp.ts';
import type { Place } from './talk.ts';
import { until } from './until.ts';

/** What a person needs of the world. */
export type Surroundings = Readonly<{ house: House; submissions: Place; imaps: Place; now(): number }>;

export type Draft = Readonly<{
  to: string | readonly string[];
  subject?: string;
  text?: string;
  /** Envelope sender; their own address without it. */
  from?: string;
  /** Of the From field, where it differs. */
  headerFrom?: string;
  /** After MAIL FROM. */
  parameters?: string;
  /** After RCPT TO. */
  recipientParameters?: string;
  /** Further header fields. */
  fields?: readonly string[];
  /** Instead of all of the above. */
  content?: string;
}>;

/** What stands in a told journey, without times and marks. */
export const wordsOf = (told: Told): readonly string[] =>
  told.lines.map(({ text, detail }) => (detail === undefined ? text : `${text} | ${detail}`));

export class Person {
  readonly #around: Surroundings;
  readonly record: Record;
  readonly password: string;

  constructor(around: Surroundings, record: Record, password: string) {
    this.#around = around;
    this.record = record;
    this.password = password;
  }

  get address(): string {
    return this.record.address;
  }

  get account(): Record['account'] {
    return this.record.account;
  }

  get viewer(): Viewer {
    return { as: 'person', account: this.account };
  }

  async smtp(): Promise<Smtp> {
    const smtp = await Smtp.dial(this.#around.submissions);
    const reply = await smtp.signIn(this.address, this.password);
    if (reply.code !== 235) throw new Error(`${this.address} could not sign in: ${reply.text}`);
    return smtp;
  }

  async imap(): Promise<Imap> {
    const imap = await Imap.dial(this.#around.imaps);
    const answer = await imap.signIn(this.address, this.password);
    if (!answer.ok) throw new Error(`${this.address} could not sign in: ${answer.tagged}`);
    return imap;
  }

  /** Whatever the server says to it. */
  async tries(draft: Draft): Promise<Sent> {
    const smtp = await this.smtp();
    const sent = await smtp.send(this.#mail(draft));
    await smtp.quit();
    return sent;
  }

  /** Must be taken; gives the journey's id. */
  async writes(draft: Draft): Promise<JourneyId> {
    const { last } = await this.tries(draft);
    if (last.code !== 250) throw new Error(`not taken: ${last.text}`);
    return journeyIn(last) as JourneyId;
  }

  #mail({ to, subject = 'Hello', text = 'Hello there.', parameters, fields = [], ...draft }: Draft): Parameters<Smtp['send']>[0] {
    const list = typeof to === 'string' ? [to] : to;
    const after = draft.recipientParameters === undefined ? '' : ` ${draft.recipientParameters}`;
    const lines = [
      `From: ${this.record.name} <${draft.headerFrom ?? this.address}>`,
      `To: ${list.join(', ')}`,
      `Subject: ${subject}`,
      ...fields,
      'Content-Type: text/plain; charset=utf-8',
      '',
      text,
      '',
    ];
    return {
      from: draft.from ?? this.address,
      to: list.map((address) => `<${address}>${after}`),
      content: draft.content ?? lines.join('\r\n'),
      ...(parameters === undefined ? {} : { parameters }),
    };
  }

  async letters(mailbox = 'INBOX'): Promise<readonly Letter[]> {
    const imap = await this.imap();
    const letters = await imap.letters(mailbox);
    await imap.bye();
    return letters;
  }

  /** Waits for a letter that holds this text. */
  receives(text: string, mailbox = 'INBOX'): Promise<Letter> {
    return until(`a letter with "${text}" for ${this.address}`, async () =>
      (await this.letters(mailbox)).find(({ raw }) => raw.includes(text)),
    );
  }

  journeys(search?: JourneySearch): Promise<readonly Journey[]> {
    return this.#around.house.reader.list(this.viewer, { limit: 200, ...(search === undefined ? {} : { search }) });
  }

  journey(id: JourneyId): Promise<Journey | undefined> {
    return this.#around.house.reader.show(this.viewer, id);
  }

  /** Their own eyes on a journey, in either language. */
  async asks(id: JourneyId, language: 'en' | 'nl' = this.record.language): Promise<Told> {
    const journey = await this.journey(id);
    if (journey === undefined) throw new Error(`${this.address} sees no journey ${id}`);
    return tell(journey, language, { now: this.#around.now() });
  }

  /** Waits until every recipient's state is what is wanted (one for all, or one each). */
  async sees(id: JourneyId, ...states: readonly string[]): Promise<Journey> {
    let last = '';
    try {
      return await until(`${this.address} to see ${states.join(', ')}`, async () => {
        const journey = await this.journey(id);
        last = journey?.recipients.map(({ state }) => state).join(', ') ?? 'nothing';
        const isSo = journey?.recipients.every(({ state }, at) => state === (states[at] ?? states[0])) === true;
        return isSo && journey.recipients.length >= states.length ? journey : undefined;
      });
    } catch (error) {
      throw new Error(`journey ${id} shows ${last}`, { cause: error });
    }
  }
}
