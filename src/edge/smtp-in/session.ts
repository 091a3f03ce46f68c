/**
 * One SMTP connection: obeys the machine (codec/smtp/server-machine.ts), asks
 * the desks what it does not know, and holds the peer back while the house is
 * at work. MX and submission are the same session with two policies.
 */
import { replyText } from '../../codec/smtp/reply-text.ts';
import type { Action, Question } from '../../codec/smtp/server-actions.ts';
import type { Offer } from '../../codec/smtp/server-greeting.ts';
import { SmtpServerMachine } from '../../codec/smtp/server-machine.ts';
import type { ServerReply } from '../../codec/smtp/server-replies.table.ts';
import { type Refusal, type RefusalName, refuse } from '../../core/refusal.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Caller } from '../../service/pipeline/transaction.ts';
import type { Connection, Session } from '../net/connection.ts';
import { Transcript } from '../net/transcript.ts';
import { type Answer, accept, type Later, refusal } from './answer.ts';
import type { SmtpHost } from './host.ts';
import { MailDesk } from './mail-desk.ts';
import { phrase, phraseTrouble } from './phrases.ts';
import type { Policy, Standing } from './policy/policy.ts';
import { SignInDesk } from './sign-in-desk.ts';

/** RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command. A line that comes in drips gains no time. */
const COMMAND_MS = 300_000;
/** Between two reads of content: RFC 5321 §4.5.3.2.5 gives a block 3 minutes. */
const BLOCK_MS = 180_000;
/** For all of a content: 50 MB at 14 kB/s. SECURITY: a peer that drips octets holds a connection no longer. */
const CONTENT_MS = 3_600_000;
/** For what the house decides; RFC 5321 §4.5.3.2.6 has clients wait 10 minutes for it. */
const WORK_MS = 600_000;
/** Random octets of an incident number. */
const INCIDENT_BYTES = 6;

export class SmtpSession implements Session {
  readonly #connection: Connection;
  readonly #host: SmtpHost;
  readonly #policy: Policy;
  readonly #machine: SmtpServerMachine;
  readonly #mail: MailDesk;
  readonly #signIn: SignInDesk;
  readonly #transcript = new Transcript();
  #helo: string | undefined;
  #isExtended = false;
  /** A promise is open: what arrives waits in `#held`, and the connection is paused. */
  #isAtWork = false;
  #held: Buffer[] = [];
  /** When this content must be in, on the connection's clock. */
  #contentDue = 0;
  /** Why to end as soon as nothing is open. */
  #ending: 'peerEnded' | 'closing' | undefined;
  /** What the peer signed in with was taken away. */
  #whyLost: Refusal | undefined;

  constructor(connection: Connection, host: SmtpHost, policy: Policy) {
    this.#connection = connection;
    this.#host = host;
    this.#policy = policy;
    const { hostName, sizeLimit } = host.doorkeeper;
    this.#mail = new MailDesk(host.doorkeeper, policy.origin);
    this.#signIn = new SignInDesk(host, connection, (why) => this.#lost(why));
    const heard = (line: string): void => this.#transcript.client(line);
    this.#machine = new SmtpServerMachine({ hostName, sizeLimit, heard, reference: () => this.#mail.reference }, this.#offer());
    // RFC 5321 §4.3.1: the name first. No software, no version: nobody but an attacker reads it.
    this.#say({ code: 220, text: `${hostName} ESMTP` });
    connection.expectWithin(COMMAND_MS);
  }

  onBytes(bytes: Buffer): void {
    if (!this.#isAtWork) return this.#hear(bytes);
    this.#held.push(bytes);
    this.#connection.pause();
  }

  onSecure(): void {
    this.#transcript.note(`${this.#connection.tls?.protocol} ${this.#connection.tls?.cipher}`);
    this.#helo = undefined;
    this.#machine.tlsBegan(this.#offer());
    this.#connection.expectWithin(COMMAND_MS);
  }

  onDeadline(): void {
    if (this.#isAtWork) this.#incident(new Error('the house took too long'));
    this.#goodbye(this.#isAtWork ? 'trouble' : 'idleTooLong');
  }

  onShutdown(): void {
    this.#ending = 'closing';
    this.#endIfIdle();
  }

  onEnd(): void {
    this.#ending ??= 'peerEnded';
    if (!this.#isAtWork) this.#connection.end();
  }

  onClose(): void {
    this.#mail.close();
    this.#signIn.close();
    this.#held = [];
  }

  #hear(bytes: Buffer): void {
    const actions = this.#machine.receive(bytes);
    if (actions.length > 0) this.#run(actions);
  }

  #run(actions: Action[]): void {
    let next: Action[] | undefined = actions;
    while (next !== undefined) next = this.#obey(next);
    if (this.#isAtWork) return this.#connection.expectWithin(WORK_MS);
    const isContent = this.#mail.isReceiving;
    this.#connection.expectWithin(isContent ? Math.min(BLOCK_MS, this.#contentDue - this.#connection.now) : COMMAND_MS);
    this.#endIfIdle();
  }

  /** What follows from the actions, if it is known at once. */
  #obey(actions: readonly Action[]): Action[] | undefined {
    let writing: Promise<void> | undefined;
    for (const action of actions) {
      if (action.do === 'say') this.#say(action);
      else if (action.do === 'ask') return this.#decide(action, writing);
      else if (action.do === 'content') {
        const pending = this.#mail.write(action.bytes);
        if (pending !== undefined) writing = writing === undefined ? pending : Promise.all([writing, pending]).then(() => undefined);
      } else this.#change(action);
    }
    if (writing !== undefined) this.#work(writing);
    return undefined;
  }

  #change(action: Exclude<Action, { do: 'say' | 'ask' | 'content' }>): void {
    switch (action.do) {
      case 'spoil':
        return this.#mail.spoil(action.fault);
      case 'forget':
        return this.#mail.forget();
      case 'forgetSignIn':
        return this.#signIn.forget();
      case 'startTls':
        return this.#startTls();
      case 'hangUp':
        return this.#connection.end();
      default:
        return unreachable(action);
    }
  }

  #startTls(): void {
    if (this.#host.tls === undefined) throw new Error('STARTTLS was accepted without a certificate');
    // SECURITY: what came in clear behind STARTTLS must not be read as if it had come under TLS.
    this.#held = [];
    this.#connection.upgrade(this.#host.tls);
  }

  #decide(question: Question, writing: Promise<void> | undefined): Action[] | undefined {
    try {
      const answer = writing === undefined ? this.#answer(question) : writing.then(() => this.#answer(question));
      if (!(answer instanceof Promise)) return this.#give(answer);
      this.#work(answer);
    } catch (trouble) {
      return this.#give(this.#incident(trouble));
    }
    return undefined;
  }

  #answer(question: Question): Later<Answer> {
    switch (question.about) {
      case 'hello':
        this.#helo = question.hello.name;
        this.#isExtended = question.verb !== 'HELO';
        return accept();
      case 'sender':
        return this.#sender(question);
      case 'recipient':
        return this.#mail.recipient(question);
      case 'content':
        this.#contentDue = this.#connection.now + CONTENT_MS;
        return this.#mail.content();
      case 'message':
        return this.#mail.finish();
      case 'signIn':
        return this.#signIn.begin(question.mechanism, question.initial);
      case 'signInResponse':
        return this.#signIn.respond(question.response);
      default:
        return unreachable(question);
    }
  }

  #sender(question: Extract<Question, { about: 'sender' }>): Later<Answer> {
    const no = this.#policy.whyNotMail(this.#standing());
    if (no !== undefined) return refusal(phrase(no));
    return this.#mail.begin(this.#caller(question.parameters.smtpUtf8), question);
  }

  #give(answer: Answer): Action[] {
    switch (answer.do) {
      case 'accept':
        return this.#machine.accept(answer.yes);
      case 'refuse':
        return this.#machine.refuse(answer.code, answer.text);
      case 'challenge':
        return this.#machine.challenge(answer.data);
      default:
        return unreachable(answer);
    }
  }

  /** The house is at work: the peer waits, and so does what it has sent already. */
  #work(work: Promise<Answer | void>): void {
    this.#isAtWork = true;
    work
      .catch((trouble: unknown) => this.#incident(trouble))
      .then((answer) => this.#worked(answer))
      .catch((bug: unknown) => {
        this.#incident(bug);
        this.#connection.destroy();
      });
  }

  #worked(answer: Answer | void): void {
    this.#isAtWork = false;
    if (!this.#connection.isOpen) return;
    if (this.#whyLost !== undefined) return this.#endLost(this.#whyLost, answer);
    this.#run(answer === undefined ? [] : this.#give(answer));
    // What came behind a goodbye is nobody's: a message taken now would be answered to nobody.
    while (this.#connection.isOpen && !this.#isAtWork && this.#held.length > 0) this.#hear(this.#held.shift() ?? Buffer.alloc(0));
    if (this.#isAtWork) return;
    if (this.#ending === 'peerEnded') this.#connection.end();
    else this.#connection.resume();
  }

  /** SECURITY: no further command is obeyed, and content under way is not taken. What the house decides just now is told first. */
  #lost(why: Refusal): void {
    this.#whyLost = why;
    if (!this.#isAtWork) this.#endLost(why);
  }

  #endLost(why: Refusal, answer?: Answer | void): void {
    const [first] = answer === undefined ? [] : this.#give(answer);
    if (first?.do === 'say') this.#say(first);
    this.#mail.close();
    this.#sayGoodbye(why);
  }

  #endIfIdle(): void {
    if (this.#ending === 'closing' && !this.#isAtWork && !this.#mail.isReceiving) this.#goodbye('closing');
  }

  #goodbye(why: Extract<RefusalName, 'trouble' | 'idleTooLong' | 'closing'>): void {
    this.#sayGoodbye(refuse(why));
  }

  #sayGoodbye(why: Refusal): void {
    this.#say({ code: 421, text: phrase(why).text });
    this.#connection.end();
  }

  /** Something threw. The peer gets a number, the log gets it with what was said. */
  #incident(trouble: unknown): Answer {
    const incident = Buffer.from(this.#host.dice.bytes(INCIDENT_BYTES)).toString('hex');
    this.#host.onTrouble(incident, trouble, this.#transcript.lines());
    return refusal(phraseTrouble(trouble, incident));
  }

  #say(reply: ServerReply): void {
    const text = replyText(reply.code, reply.text);
    this.#transcript.server(text.slice(0, -2));
    this.#connection.write(text);
  }

  #standing(): Standing {
    const { allowsPlaintext = false } = this.#host;
    return { tls: this.#connection.tls, isSignedIn: this.#signIn.signedIn !== null, allowsPlaintext };
  }

  #offer(): Offer {
    const tlsOn = this.#connection.tls !== undefined;
    const startTls = !tlsOn && this.#host.tls !== undefined;
    const signInNeedsTls = startTls && this.#policy.origin === 'submission';
    return { startTls, tlsOn, mechanisms: this.#policy.mechanisms(this.#standing()), signInNeedsTls };
  }

  #caller(smtpUtf8: boolean): Caller {
    const { remote, tls } = this.#connection;
    const { signedIn } = this.#signIn;
    const helo = this.#helo === undefined ? {} : { helo: this.#helo };
    return {
      peer: { ip: remote.ip, port: remote.port, ...helo },
      tls: tls === undefined ? null : { protocol: tls.protocol, cipher: tls.cipher, proven: 'none' },
      protocol: this.#isExtended
        ? `${smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${tls === undefined ? '' : 'S'}${signedIn === null ? '' : 'A'}`
        : 'SMTP',
      signedIn,
    };
  }
}
