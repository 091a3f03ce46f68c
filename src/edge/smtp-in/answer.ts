/** What a desk of the session answers to a question of the machine, now or when the house has decided. */
import type { ServerReply } from '../../codec/smtp/server-replies.table.ts';

export type Answer =
  /** `yes` instead of the machine's usual words. */
  Readonly<{ do: 'accept'; yes?: string }> | (Readonly<{ do: 'refuse' }> & ServerReply) | Readonly<{ do: 'challenge'; data: Buffer }>;

export type Later<T> = T | Promise<T>;

export const accept = (yes?: string): Answer => (yes === undefined ? ACCEPT : { do: 'accept', yes });
export const refusal = (reply: ServerReply): Answer => ({ do: 'refuse', ...reply });

const ACCEPT: Answer = { do: 'accept' };

/** `then` at once for what is known, later for a promise: no turn of the event loop is spent on nothing. */
export function after<T, U>(value: Later<T>, then: (value: T) => U): Later<U> {
  return value instanceof Promise ? value.then(then) : then(value);
}
