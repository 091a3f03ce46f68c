/**
 * Other people's mail servers: several hosts on addresses of their own
 * (127.0.0.2, 127.0.0.3 …), all on the one port that the world calls the MX
 * port. Each remembers its mails and who said what.
 */
import type { SecureContext } from 'node:tls';
import { type Character, type Peer, startPeer } from '../../src/app/demo/internet/peer.ts';

/** What was said to a host that matters in a story: one line per MAIL and RCPT with the answer, and one per message. */
export type Neighbour = Peer & Readonly<{ host: string; ip: string; said: readonly string[] }>;

/** The first address taken by a host; 127.0.0.1 is the house's own. */
const FIRST = 2;
/** A port free on one address may be taken on another. */
const PORT_TRIES = 20;

/** Writes down what is asked of a character and what it answers. */
export function recorded(character: Character, said: string[]): Character {
  const note = <T extends string | undefined>(what: string, answer: T): T => {
    said.push(`${what} → ${answer ?? 'yes'}`);
    return answer;
  };
  // Characters may be objects of a class: their methods stay theirs.
  return {
    hostName: character.hostName,
    ...(character.extensions === undefined ? {} : { extensions: character.extensions }),
    ...(character.slowness === undefined ? {} : { slowness: character.slowness }),
    greeting: (ip) => character.greeting?.(ip),
    offersTls: (ip) => character.offersTls?.(ip) ?? true,
    onSender: (talk) => note(`MAIL ${talk.from} ${talk.parameters}`.trim(), character.onSender?.(talk)),
    onRecipient: (address, talk) => note(`RCPT ${address}`, character.onRecipient?.(address, talk)),
    onMail: async (mail) => note(`mail for ${mail.to.join(' ')}`, await character.onMail?.(mail)),
  };
}

export class Neighbours {
  readonly #contextFor: (name: string) => Promise<SecureContext>;
  readonly #peers: Neighbour[] = [];
  #port = 0;
  #next = FIRST;

  /** `contextFor` gives a host its certificate. */
  constructor(contextFor: (name: string) => Promise<SecureContext>) {
    this.#contextFor = contextFor;
  }

  /** The one port they all listen on. */
  get port(): number {
    return this.#port;
  }

  get all(): readonly Neighbour[] {
    return this.#peers;
  }

  async add(character: Character, options: Readonly<{ ip?: string; withoutTls?: boolean }> = {}): Promise<Neighbour> {
    const ip = options.ip ?? `127.0.0.${this.#next++}`;
    const said: string[] = [];
    const tls = options.withoutTls === true ? {} : { context: await this.#contextFor(character.hostName) };
    const peer = await this.#listen(recorded(character, said), { host: ip, ...tls });
    const neighbour: Neighbour = {
      port: peer.port,
      mails: peer.mails,
      connections: () => peer.connections(),
      close: () => peer.close(),
      host: character.hostName,
      ip,
      said,
    };
    this.#peers.push(neighbour);
    return neighbour;
  }

  /** The first takes any free port, the others the same one. */
  async #listen(character: Character, place: Readonly<{ host: string; context?: SecureContext }>): Promise<Peer> {
    for (let tries = 1; ; tries++) {
      try {
        const peer = await startPeer(character, { ...place, port: this.#port });
        this.#port = peer.port;
        return peer;
      } catch (error) {
        const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
        if (!isTaken || this.#peers.length > 0 || tries >= PORT_TRIES) throw error;
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.close()));
  }
}
