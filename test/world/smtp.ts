/** A small SMTP client that reports every reply as it came. It dot-stuffs; nothing else is done to a message. */
import { type Place, Talk } from './talk.ts';

export type Reply = Readonly<{ code: number; lines: readonly string[]; text: string }>;

export class Smtp {
  readonly talk: Talk;
  /** What the server offered at EHLO, upper case. */
  offers: readonly string[] = [];

  constructor(talk: Talk) {
    this.talk = talk;
  }

  /** Greeted and introduced. */
  static async dial(place: Place, helo = 'client.test'): Promise<Smtp> {
    const smtp = new Smtp(await Talk.dial(place));
    const greeting = await smtp.reply();
    if (greeting.code !== 220) throw new Error(`greeted with ${greeting.text}`);
    await smtp.hello(helo);
    return smtp;
  }

  async hello(helo: string): Promise<void> {
    const hello = await this.ask(`EHLO ${helo}`);
    this.offers = hello.lines.slice(1).map((line) => line.slice(4).toUpperCase());
  }

  async reply(): Promise<Reply> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.talk.line();
      if (line === undefined) return { code: 0, lines, text: '(closed)' };
      lines.push(line);
      if (line[3] !== '-') return { code: Number(line.slice(0, 3)), lines, text: lines.join('\n') };
    }
  }

  ask(line: string): Promise<Reply> {
    this.talk.say(`${line}\r\n`);
    return this.reply();
  }

  signIn(login: string, password: string): Promise<Reply> {
    return this.ask(`AUTH PLAIN ${Buffer.from(`\0${login}\0${password}`).toString('base64')}`);
  }

  async startTls(helo = 'client.test'): Promise<void> {
    const reply = await this.ask('STARTTLS');
    if (reply.code !== 220) throw new Error(reply.text);
    await this.talk.secure();
    await this.hello(helo);
  }

  /** MAIL, RCPTs and DATA, stopping at the first thing that leaves nothing to do. The last reply decides. */
  async send(mail: SmtpMail): Promise<Sent> {
    const sender = await this.ask(`MAIL FROM:<${mail.from}>${mail.parameters === undefined ? '' : ` ${mail.parameters}`}`);
    if (sender.code >= 400 || sender.code === 0) return { sender, recipients: [], content: undefined, last: sender };
    const recipients: Reply[] = [];
    for (const to of mail.to) recipients.push(await this.ask(`RCPT TO:${to.startsWith('<') ? to : `<${to}>`}`));
    const [worst] = recipients.filter(({ code }) => code >= 400);
    if (recipients.every(({ code }) => code >= 400) && worst !== undefined) {
      await this.ask('RSET');
      return { sender, recipients, content: undefined, last: worst };
    }
    const go = await this.ask('DATA');
    if (go.code !== 354) return { sender, recipients, content: go, last: go };
    this.talk.say(stuffed(mail.content));
    const content = await this.reply();
    return { sender, recipients, content, last: content };
  }

  async quit(): Promise<void> {
    await this.ask('QUIT');
    this.talk.hangUp();
  }
}

export type SmtpMail = Readonly<{ from: string; to: readonly string[]; content: string | Buffer; parameters?: string }>;
export type Sent = Readonly<{ sender: Reply; recipients: readonly Reply[]; content: Reply | undefined; last: Reply }>;

export function stuffed(content: string | Buffer): Buffer {
  const text = Buffer.isBuffer(content) ? content.toString('latin1') : Buffer.from(content).toString('latin1');
  const whole = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(`${whole.replaceAll(/^\./gm, '..')}.\r\n`, 'latin1');
}

/** The journey's id out of a reply: `250 2.0.0 Taken [id]`. */
export const journeyIn = (reply: Reply): string => /\[([0-9a-z]+)\]$/.exec(reply.text)?.[1] ?? '';
