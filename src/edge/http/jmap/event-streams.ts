/** Every event source that is open (RFC 8620 §7.3), bounded by account. */
import type { AccountId } from '../../../core/ids.ts';
import { UnderWay } from '../../../lib/under-way.ts';
import type { Admission } from '../../../service/accounts/accounts.ts';
import { plainProblem, problemResponse } from '../problem.ts';
import { credentialOf, isStillGood } from '../push/credential.ts';
import type { Ask } from './api.ts';
import { type EventAsk, readEventAsk } from './event-query.ts';
import { EventStream } from './event-stream.ts';
import type { JmapHost } from './host.ts';

/** Mail apps and tabs of one person. */
export const STREAMS_PER_ACCOUNT = 32;

/** No proxy may keep or gather what is to be heard at once. */
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
} as const;

export class EventStreams {
  readonly #host: JmapHost;
  readonly #open = new Map<AccountId, Set<EventStream>>();
  /** Being opened, by account. */
  readonly #coming = new UnderWay<AccountId>();
  #closed = false;

  constructor(host: JmapHost) {
    this.#host = host;
  }

  /** Streams that are open now. */
  get count(): number {
    let count = 0;
    for (const streams of this.#open.values()) count += streams.size;
    return count;
  }

  async answer({ request, url, line, signedIn }: Ask): Promise<Response> {
    const ask = readEventAsk(url, request.headers.get('last-event-id'));
    if (typeof ask === 'string') return problemResponse(plainProblem(400, 'This is no address of an event stream', ask));
    // Nobody would read, nor end, the stream of a HEAD.
    if (request.method === 'HEAD') return new Response(null, { headers: HEADERS });
    if (this.#closed) return problemResponse(plainProblem(503, 'The server is closing'));
    const { account } = signedIn.person;
    if (this.#coming.of(account) + (this.#open.get(account)?.size ?? 0) >= STREAMS_PER_ACCOUNT)
      return problemResponse(plainProblem(429, 'Too many event streams', `an account has at most ${STREAMS_PER_ACCOUNT} at once`));
    const body = await this.#coming.during(account, () => this.#begin(ask, signedIn, () => line.cut?.()));
    return new Response(body, { headers: HEADERS });
  }

  /** Ends all of them; none begins afterwards. */
  close(): void {
    this.#closed = true;
    for (const streams of this.#open.values()) for (const stream of streams) stream.end();
  }

  async #begin(ask: EventAsk, signedIn: Admission, cut: () => void): Promise<ReadableStream<Uint8Array>> {
    const { clock, mailboxes, accounts } = this.#host;
    const mail = await mailboxes.open(signedIn.person.account);
    const stream = new EventStream({
      mail,
      ask,
      clock,
      mayHear: () => isStillGood(accounts, signedIn.person.account, credentialOf(signedIn)),
      cut,
      onEnd: () => {
        letGo();
        this.#forget(mail.account, stream);
      },
    });
    // Who was signed in may not be any more: a new password, or none.
    const letGo = signedIn.hold.watch(() => stream.end());
    this.#streamsOf(mail.account).add(stream);
    try {
      stream.begin(await mail.state());
    } catch (error) {
      stream.end();
      throw error;
    }
    if (this.#closed) stream.end();
    return stream.body;
  }

  #streamsOf(account: AccountId): Set<EventStream> {
    const streams = this.#open.get(account) ?? new Set();
    this.#open.set(account, streams);
    return streams;
  }

  #forget(account: AccountId, stream: EventStream): void {
    const streams = this.#open.get(account);
    streams?.delete(stream);
    if (streams?.size === 0) this.#open.delete(account);
  }
}
