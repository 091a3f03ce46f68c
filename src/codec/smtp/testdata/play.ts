/** For tests: feeds a conversation to the server machine and writes down, line by line, what it did. */
import type { Action, Question, ServerRules } from '../server-actions.ts';
import type { Offer } from '../server-greeting.ts';
import { SmtpServerMachine } from '../server-machine.ts';

export type Decision = true | string | Readonly<{ code: number; text: string }> | Readonly<{ challenge: string }>;
export type Play = Readonly<{
  rules?: Partial<ServerRules>;
  offer?: Partial<Offer>;
  /** What is answered to a question; yes where nothing else is said. */
  decide?(question: Question): Decision | undefined;
  /** Where the input is cut, in order. */
  cuts?: readonly number[];
}>;

export const RULES: ServerRules = { hostName: 'mx.example', sizeLimit: 1_000 };
export const OFFER: Offer = { startTls: true, tlsOn: false, mechanisms: [] };

export function play(input: string, { rules, offer, decide, cuts = [] }: Play = {}): string[] {
  const machine = new SmtpServerMachine({ ...RULES, ...rules }, { ...OFFER, ...offer });
  const log = new Log();
  const obey = (actions: readonly Action[]): void => {
    let next = actions;
    while (next.length > 0) {
      const last = next.at(-1);
      for (const action of next) log.add(action);
      next = last?.do === 'ask' ? answer(machine, decide?.(last) ?? true) : [];
    }
  };
  const bytes = Buffer.from(input, 'latin1');
  const edges = [0, ...cuts, bytes.length];
  for (const [at, from] of edges.slice(0, -1).entries()) obey(machine.receive(bytes.subarray(from, edges[at + 1])));
  return log.lines();
}

function answer(machine: SmtpServerMachine, decision: Decision): Action[] {
  if (decision === true) return machine.accept();
  if (typeof decision === 'string') return machine.accept(decision);
  if ('challenge' in decision) return machine.challenge(Buffer.from(decision.challenge));
  return machine.refuse(decision.code, decision.text);
}

/** Content is joined, since cuts divide it; content that was spoiled is not told, since it is not kept. */
class Log {
  readonly #lines: string[] = [];
  #content: string | undefined;

  add(action: Action): void {
    if (action.do === 'content') {
      this.#content = (this.#content ?? '') + action.bytes.toString('latin1');
      return;
    }
    if (this.#content !== undefined && action.do !== 'spoil') this.#lines.push(`content ${JSON.stringify(this.#content)}`);
    this.#content = undefined;
    this.#lines.push(told(action));
  }

  lines(): string[] {
    return this.#content === undefined ? this.#lines : [...this.#lines, `content ${JSON.stringify(this.#content)}`];
  }
}

function told(action: Exclude<Action, { do: 'content' }>): string {
  switch (action.do) {
    case 'say':
      return `${action.code} ${action.text}`;
    case 'spoil':
      return `spoil ${action.fault}`;
    case 'ask':
      return `ask ${asked(action)}`;
    default:
      return action.do;
  }
}

function asked(question: Question): string {
  switch (question.about) {
    case 'hello':
      return `hello ${question.verb} ${question.hello.name}`;
    case 'sender':
      return `sender ${question.sender?.text ?? '<>'}`;
    case 'recipient':
      return `recipient ${question.recipient.text}`;
    case 'message':
      return `message ${question.size}`;
    case 'signIn':
      return `signIn ${question.mechanism} ${question.initial === undefined ? '-' : JSON.stringify(question.initial.toString())}`;
    case 'signInResponse':
      return `signInResponse ${JSON.stringify(question.response.toString())}`;
    default:
      return question.about;
  }
}
