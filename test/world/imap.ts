/** A small IMAP client: commands as text, answers as lines with their literals inside. */
import { type Place, Talk } from './talk.ts';

/** `untagged` without the star; `tagged` without the tag. */
export type Answer = Readonly<{ untagged: readonly string[]; tagged: string; ok: boolean }>;
export type Letter = Readonly<{ uid: number; flags: string; raw: string }>;

export const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

export class Imap {
  readonly talk: Talk;
  greeting = '';
  #count = 0;

  constructor(talk: Talk) {
    this.talk = talk;
  }

  static async dial(place: Place): Promise<Imap> {
    const imap = new Imap(await Talk.dial(place));
    imap.greeting = (await imap.line()) ?? '';
    return imap;
  }

  /** Must work, or it throws with what the server said. */
  async must(command: string | Buffer): Promise<Answer> {
    const answer = await this.ask(command);
    if (!answer.ok) throw new Error(`${command.toString().slice(0, 200)} → ${answer.tagged}`);
    return answer;
  }

  async ask(command: string | Buffer): Promise<Answer> {
    const tag = `a${++this.#count}`;
    this.talk.say(Buffer.concat([Buffer.from(`${tag} `), Buffer.from(command), Buffer.from('\r\n')]));
    const untagged: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return { untagged, tagged: '(closed)', ok: false };
      if (line.startsWith(`${tag} `)) return { untagged, tagged: line.slice(tag.length + 1), ok: line.startsWith(`${tag} OK`) };
      untagged.push(line.startsWith('* ') ? line.slice(2) : line);
    }
  }

  /** A line, literals inside (latin1, so that octets stay countable). */
  async line(): Promise<string | undefined> {
    let whole = '';
    for (;;) {
      const line = await this.talk.line();
      if (line === undefined) return undefined;
      whole += line;
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal === null) return whole;
      const content = await this.talk.bytes(Number(literal[1]));
      if (content === undefined) return undefined;
      whole += `\r\n${content.toString('latin1')}`;
    }
  }

  async signIn(login: string, password: string): Promise<Answer> {
    return this.ask(`LOGIN ${quoted(login)} ${quoted(password)}`);
  }

  /** Everything in a mailbox, oldest first. Reading marks nothing. */
  async letters(mailbox = 'INBOX'): Promise<readonly Letter[]> {
    await this.must(`EXAMINE ${quoted(mailbox)}`);
    const { untagged } = await this.must('UID FETCH 1:* (UID FLAGS BODY.PEEK[])');
    return untagged.flatMap((line) => {
      const found = /^\d+ FETCH \(/.test(line) ? /\{(\d+)\}\r\n/.exec(line) : null;
      if (found === null) return [];
      const start = found.index + found[0].length;
      const raw = line.slice(start, start + Number(found[1]));
      const around = line.slice(0, found.index) + line.slice(start + raw.length);
      return [{ uid: Number(/UID (\d+)/.exec(around)?.[1]), flags: /FLAGS \(([^)]*)\)/.exec(around)?.[1] ?? '', raw }];
    });
  }

  async append(mailbox: string, message: string | Buffer): Promise<Answer> {
    const bytes = Buffer.from(message);
    return this.ask(Buffer.concat([Buffer.from(`APPEND ${quoted(mailbox)} {${bytes.length}+}\r\n`), bytes]));
  }

  async bye(): Promise<void> {
    await this.ask('LOGOUT');
    this.talk.hangUp();
  }
}
