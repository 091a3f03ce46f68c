/**
 * The server's half of an SMTP conversation (RFC 5321 §4.1 and the extensions
 * of server-greeting.ts), with no socket, clock or look-up in it. Bytes go in
 * through `receive`, decisions through `accept`, `refuse` and `challenge`; all
 * give back what to do next, and edge/smtp-in/session.ts obeys. A question is
 * always the last action; until it is answered, input waits (RFC 2920). Same
 * input, same output, however the network cuts it.
 */
import { unreachable } from '../../lib/unreachable.ts';
import {
  type BdatArguments,
  isOtherProtocol,
  isUnsayable,
  parseAuth,
  parseBase64,
  parseBdat,
  parseHello,
  parseMail,
  parseRcpt,
  refuseArguments,
  SECRET,
  type Verb,
  verbOf,
  withoutSecrets,
} from './command.ts';
import type { MailParameters, SyntaxTrouble } from './parameters.ts';
import { type Action, type Question, say, type ServerRules } from './server-actions.ts';
import { type ContentOutcome, ServerContent } from './server-content.ts';
import { type Offer, welcome } from './server-greeting.ts';
import { ServerInput } from './server-input.ts';
import { DISCARDED_OCTETS, RECIPIENTS } from './server-limits.ts';
import { ANSWERS, CHATTY, mayBeSaid, type Phase, TRANSACTION, whyNotNow } from './server-order.table.ts';
import { REPLIES, type ServerReply } from './server-replies.table.ts';
import { ServerTally } from './server-tally.ts';

export class SmtpServerMachine {
  readonly #rules: ServerRules;
  readonly #input = new ServerInput();
  #offer: Offer;
  #phase: Phase = 'new';
  #question: Question | undefined;
  #parameters: MailParameters | undefined;
  readonly #content = new ServerContent();
  /** The chunk whose first octets wait for a yes. */
  #firstChunk: BdatArguments | undefined;
  #isSignedIn = false;
  /** Recipients taken in this transaction. */
  #recipients = 0;
  readonly #tally = new ServerTally();

  constructor(rules: ServerRules, offer: Offer) {
    this.#rules = rules;
    this.#offer = offer;
  }

  /** A question is open: input waits, and the session should stop reading. */
  get isWaiting(): boolean {
    return this.#question !== undefined;
  }

  receive(bytes: Buffer): Action[] {
    // SECURITY: between STARTTLS and the handshake nothing counts (RFC 3207 §6, CVE-2011-0411).
    if (this.#phase === 'over' || this.#phase === 'tls') return [];
    this.#input.push(bytes);
    return this.#advance([]);
  }

  /** Yes to the open question; `text` instead of the usual words. */
  accept(text?: string): Action[] {
    const question = this.#close();
    const actions: Action[] = [];
    switch (question.about) {
      case 'hello':
        this.#phase = 'greeted';
        actions.push(say({ code: 250, text: text ?? this.#welcome(question.verb === 'HELO') }));
        break;
      case 'sender':
        this.#phase = 'sender';
        this.#parameters = question.parameters;
        actions.push(say(REPLIES.senderOk, text));
        break;
      case 'recipient':
        this.#phase = 'recipients';
        this.#recipients++;
        actions.push(say(REPLIES.recipientOk, text));
        break;
      case 'content':
        this.#contentBegins(actions, text);
        break;
      case 'message':
        this.#transactionIsOver();
        this.#tally.messageTaken();
        actions.push(say(REPLIES.messageOk, text));
        break;
      case 'signIn':
      case 'signInResponse':
        this.#phase = 'greeted';
        this.#isSignedIn = true;
        actions.push(say(REPLIES.signedIn, text));
        break;
      default:
        unreachable(question);
    }
    return this.#advance(actions);
  }

  /** No to the open question. 421 ends the conversation (RFC 5321 §3.8). */
  refuse(code: number, text: string): Action[] {
    const { about } = this.#close();
    const actions: Action[] = [];
    if (code === 421) this.#leave(actions, { code, text });
    else if (about === 'content') this.#contentRefused(actions, { code, text });
    else if (about === 'signIn' || about === 'signInResponse') this.#signInFailed(actions, { code, text });
    else if (about === 'recipient' && !this.#tally.refusedRecipient()) this.#leave(actions, REPLIES.tooManyErrors);
    else {
      if (about === 'message') this.#transactionIsOver();
      actions.push(say({ code, text }));
    }
    return this.#advance(actions);
  }

  /** LMTP: the fate of the message for each recipient taken, in their order (RFC 2033 §4.2). */
  answerEach(replies: readonly ServerReply[]): Action[] {
    const question = this.#close();
    if (question.about !== 'message' || replies.length !== this.#recipients) throw new Error('one answer per recipient, after the content');
    this.#transactionIsOver();
    if (replies.some(({ code }) => code < 400)) this.#tally.messageTaken();
    return this.#advance(replies.map((reply) => say(reply)));
  }

  /** To an open sign-in: what the mechanism wants the client to answer. */
  challenge(data: Uint8Array): Action[] {
    const question = this.#close();
    if (question.about !== 'signIn' && question.about !== 'signInResponse') throw new Error('a challenge belongs to a sign-in');
    this.#phase = 'signIn';
    return this.#advance([say({ code: 334, text: Buffer.from(data).toString('base64') })]);
  }

  /** The handshake is done: everything the client said before is forgotten (RFC 3207 §4.2). */
  tlsBegan(offer: Offer): void {
    if (this.#phase !== 'tls') throw new Error('nobody said STARTTLS');
    this.#input.clear();
    this.#offer = offer;
    this.#isSignedIn = false;
    this.#phase = 'new';
  }

  #close(): Question {
    const question = this.#question;
    if (question === undefined) throw new Error('an answer without an open question');
    this.#question = undefined;
    return question;
  }

  #advance(actions: Action[]): Action[] {
    let goesOn = true;
    while (goesOn && this.#question === undefined) {
      if (this.#phase === 'content' || this.#phase === 'chunk') goesOn = this.#readContent(actions);
      else if (this.#phase === 'tls' || this.#phase === 'over') goesOn = false;
      else goesOn = this.#readLine(actions);
    }
    return actions;
  }

  #readLine(actions: Action[]): boolean {
    const line = this.#input.line();
    if (line !== undefined) {
      if (this.#phase === 'signIn') this.#continueSignIn(line, actions);
      else this.#obey(line, actions);
      return true;
    }
    const { trouble } = this.#input;
    if (trouble !== undefined) this.#leave(actions, trouble === 'lineTooLong' ? REPLIES.lineTooLong : REPLIES.badLine);
    return false;
  }

  #obey(line: string, actions: Action[]): void {
    const { verb, rest } = verbOf(line);
    this.#rules.heard?.(withoutSecrets(line, verb));
    if (isUnsayable(line)) return this.#mistake(actions, REPLIES.badLine);
    if (verb === undefined) {
      if (isOtherProtocol(line)) return this.#leave(actions, REPLIES.notSmtp);
      return this.#mistake(actions, REPLIES.unknownCommand);
    }
    if (CHATTY.has(verb) && !this.#tally.chatter()) return this.#leave(actions, REPLIES.tooMuchChatter);
    if (verb === 'BDAT') return this.#bdat(line, rest, actions);
    if (!mayBeSaid(verb, this.#phase)) return this.#mistake(actions, whyNotNow(verb, this.#phase));
    this.#perform(verb, { line, rest, actions });
  }

  #perform(verb: Exclude<Verb, 'BDAT'>, { line, rest, actions }: { line: string; rest: number; actions: Action[] }): void {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
      case 'LHLO':
        return this.#hello(verb, parseHello(line, rest), actions);
      case 'MAIL':
        return this.#mail(parseMail(line, rest), actions);
      case 'RCPT':
        return this.#rcpt(parseRcpt(line, rest), actions);
      case 'AUTH':
        return this.#auth(line, rest, actions);
      case 'NOOP':
      case 'VRFY':
      case 'HELP':
      case 'EXPN':
        return void actions.push(say(ANSWERS[verb]));
      default:
        return this.#performBare(verb, refuseArguments(line, rest), actions);
    }
  }

  /** The verbs that have no arguments. */
  #performBare(verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS', trouble: SyntaxTrouble | undefined, actions: Action[]): void {
    if (trouble !== undefined) return this.#mistake(actions, spoken(trouble));
    switch (verb) {
      case 'DATA':
        if (this.#parameters?.body === 'binarymime') return this.#mistake(actions, REPLIES.binaryNeedsBdat);
        return this.#ask(actions, { do: 'ask', about: 'content' });
      case 'RSET':
        this.#forget(actions);
        return void actions.push(say(REPLIES.ok));
      case 'QUIT':
        return this.#leave(actions, REPLIES.goodbye);
      case 'STARTTLS':
        return this.#startTls(actions);
      default:
        unreachable(verb);
    }
  }

  #hello(verb: 'EHLO' | 'HELO' | 'LHLO', hello: ReturnType<typeof parseHello>, actions: Action[]): void {
    if ((verb === 'LHLO') !== (this.#rules.isLmtp === true)) return this.#mistake(actions, REPLIES.unknownCommand);
    // RFC 2034 §3: no enhanced status in a reply to EHLO or HELO.
    if (!hello.ok) return this.#mistake(actions, { code: 501, text: `Syntax: ${verb} and ${hello.why}` });
    this.#forget(actions);
    this.#ask(actions, { do: 'ask', about: 'hello', verb, hello: hello.value });
  }

  #welcome(isOld: boolean): string {
    const { hostName, sizeLimit } = this.#rules;
    return isOld ? hostName : welcome(hostName, sizeLimit, this.#offer);
  }

  #mail(mail: ReturnType<typeof parseMail>, actions: Action[]): void {
    if (!mail.ok) return this.#mistake(actions, spoken(mail));
    if (!this.#tally.mail()) return this.#leave(actions, REPLIES.tooManyMessages);
    const { sender, parameters } = mail.value;
    if (sender?.isUtf8 === true && !parameters.smtpUtf8) return this.#mistake(actions, REPLIES.senderNotAscii);
    this.#ask(actions, { do: 'ask', about: 'sender', sender, parameters });
  }

  #rcpt(rcpt: ReturnType<typeof parseRcpt>, actions: Action[]): void {
    if (!rcpt.ok) return this.#mistake(actions, spoken(rcpt));
    if (!this.#tally.recipient()) return this.#leave(actions, REPLIES.tooManyErrors);
    const { recipient, parameters } = rcpt.value;
    const isAscii = !recipient.isUtf8 && /^[ -~]*$/.test(parameters.originalRecipient ?? '');
    if (!isAscii && this.#parameters?.smtpUtf8 !== true) return this.#mistake(actions, REPLIES.recipientNotAscii);
    if (this.#recipients >= RECIPIENTS) return void actions.push(say(REPLIES.tooManyRecipients));
    this.#ask(actions, { do: 'ask', about: 'recipient', recipient, parameters });
  }

  #bdat(line: string, rest: number, actions: Action[]): void {
    const bdat = parseBdat(line, rest);
    // SECURITY: octets of unknown number follow, and reading them as commands would let a message give orders.
    if (!bdat.ok) return this.#leave(actions, REPLIES.badChunk);
    if (bdat.value.octets === 0 && !this.#tally.chatter()) return this.#leave(actions, REPLIES.tooMuchChatter);
    if (bdat.value.octets > this.#rules.sizeLimit + DISCARDED_OCTETS) return this.#leave(actions, REPLIES.tooBig);
    if (!mayBeSaid('BDAT', this.#phase)) {
      if (!this.#tally.mistake()) return this.#leave(actions, REPLIES.tooManyErrors);
      const back = this.#phase === 'refusedChunk' && bdat.value.isLast ? 'greeted' : this.#phase;
      return this.#readChunkOf(bdat.value, back, whyNotNow('BDAT', this.#phase));
    }
    if (this.#phase === 'chunks') return this.#readChunkOf(bdat.value, afterRefusal(bdat.value));
    this.#firstChunk = bdat.value;
    this.#ask(actions, { do: 'ask', about: 'content' });
  }

  /** RFC 3030 §2: octets of a chunk that is refused are read before the refusal is said. That leads to `back`. */
  #readChunkOf(chunk: BdatArguments, back: Phase, refusal?: ServerReply): void {
    this.#content.beginChunk(chunk, back, refusal);
    this.#phase = 'chunk';
  }

  #contentBegins(actions: Action[], text: string | undefined): void {
    const chunk = this.#firstChunk;
    this.#firstChunk = undefined;
    const inChunks = this.#parameters?.body === 'binarymime' ? 'binary' : 'lines';
    this.#content.begin({ form: chunk === undefined ? 'dots' : inChunks, sizeLimit: this.#rules.sizeLimit });
    if (chunk !== undefined) return this.#readChunkOf(chunk, afterRefusal(chunk));
    this.#phase = 'content';
    actions.push(say(REPLIES.sendContent, text));
  }

  #contentRefused(actions: Action[], reply: ServerReply): void {
    const chunk = this.#firstChunk;
    this.#firstChunk = undefined;
    if (chunk !== undefined) return this.#readChunkOf(chunk, afterRefusal(chunk), reply);
    this.#transactionIsOver();
    actions.push(say(reply));
  }

  #readContent(actions: Action[]): boolean {
    const outcome = this.#content.read(this.#input, actions);
    if (outcome !== undefined) this.#contentIsRead(outcome, actions);
    return outcome !== undefined;
  }

  #contentIsRead(outcome: ContentOutcome, actions: Action[]): void {
    switch (outcome.is) {
      case 'whole':
        return this.#ask(actions, { do: 'ask', about: 'message', size: outcome.size });
      case 'chunk':
        this.#phase = 'chunks';
        return void actions.push(say({ code: 250, text: `2.0.0 ${outcome.octets} octets received` }));
      case 'refused':
        return this.#contentIsRefused(outcome, actions);
      case 'endless':
        return this.#leave(actions, REPLIES.tooBig);
      default:
        unreachable(outcome);
    }
  }

  #contentIsRefused({ reply, back }: { reply: ServerReply; back: Phase }, actions: Action[]): void {
    const isOver = back === 'greeted';
    // RFC 2033 §4.2: LMTP answers once for each recipient it took.
    const count = isOver && this.#rules.isLmtp === true ? Math.max(1, this.#recipients) : 1;
    const text = reply.text + (this.#rules.reference?.() ?? '');
    for (let said = 0; said < count; said++) actions.push(say(reply, text));
    if (isOver) this.#transactionIsOver();
    else this.#phase = back;
  }

  #startTls(actions: Action[]): void {
    if (this.#offer.tlsOn) return this.#mistake(actions, REPLIES.tlsOn);
    if (!this.#offer.startTls) return this.#mistake(actions, REPLIES.notOffered);
    this.#input.clear();
    this.#phase = 'tls';
    actions.push(say(REPLIES.startTls), { do: 'startTls' });
  }

  #auth(line: string, rest: number, actions: Action[]): void {
    const { mechanisms, signInNeedsTls } = this.#offer;
    if (this.#isSignedIn) return this.#mistake(actions, REPLIES.signedInAlready);
    if (mechanisms.length === 0) return this.#mistake(actions, signInNeedsTls === true ? REPLIES.tlsFirst : REPLIES.notOffered);
    const auth = parseAuth(line, rest);
    if (!auth.ok) return this.#mistake(actions, spoken(auth));
    if (!mechanisms.includes(auth.value.mechanism)) return this.#mistake(actions, REPLIES.unknownMechanism);
    this.#ask(actions, { do: 'ask', about: 'signIn', ...auth.value });
  }

  /** A line that answers a challenge (RFC 4954 §4). */
  #continueSignIn(line: string, actions: Action[]): void {
    this.#rules.heard?.(line === '*' ? line : SECRET);
    const response = parseBase64(line);
    if (response !== undefined) return this.#ask(actions, { do: 'ask', about: 'signInResponse', response });
    actions.push({ do: 'forgetSignIn' });
    this.#signInFailed(actions, line === '*' ? REPLIES.signInCancelled : REPLIES.badBase64);
  }

  #signInFailed(actions: Action[], reply: ServerReply): void {
    this.#phase = 'greeted';
    if (this.#tally.failedSignIn()) actions.push(say(reply));
    else this.#leave(actions, REPLIES.tooManyGuesses);
  }

  #ask(actions: Action[], question: Question): void {
    this.#question = question;
    actions.push(question);
  }

  #forget(actions: Action[]): void {
    if (!TRANSACTION.includes(this.#phase)) return;
    this.#transactionIsOver();
    actions.push({ do: 'forget' });
  }

  #transactionIsOver(): void {
    this.#phase = 'greeted';
    this.#parameters = undefined;
    this.#recipients = 0;
  }

  #mistake(actions: Action[], reply: ServerReply): void {
    if (this.#tally.mistake()) actions.push(say(reply));
    else this.#leave(actions, REPLIES.tooManyErrors);
  }

  #leave(actions: Action[], reply: ServerReply): void {
    this.#forget(actions);
    this.#phase = 'over';
    this.#input.clear();
    actions.push(say(reply), { do: 'hangUp' });
  }
}

const afterRefusal = (chunk: BdatArguments): Phase => (chunk.isLast ? 'greeted' : 'refusedChunk');
const spoken = (trouble: SyntaxTrouble): ServerReply => ({ code: trouble.code, text: `${trouble.status} ${trouble.why}` });
