/** A message as the Email object of RFC 8621 §4.1: only what is asked for, read only as far as that needs. */
import { type BlobId, blobIdText } from '../../../codec/jmap/blob-id.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { hasAttachment } from '../../../codec/jmap/object/body-lists.ts';
import { convenience, knowsConvenience } from '../../../codec/jmap/object/convenience.ts';
import { CONVENIENCE, type Convenience, isConvenience } from '../../../codec/jmap/object/email-property.ts';
import { readHeaderProperty } from '../../../codec/jmap/object/header-property.ts';
import type { Headers } from '../../../codec/jmap/object/headers.ts';
import type { EmailAsk } from './email-ask.ts';
import { EmailBody } from './email-body.ts';
import { EmailReader, type EmailSource } from './email-source.ts';

/** What the message does not say itself; all but the blob are null for Email/parse (§4.9). */
export type EmailFacts = Readonly<{
  id: string | null;
  blob: BlobId;
  threadId: string | null;
  mailboxIds: Readonly<Record<string, true>> | null;
  keywords: Readonly<Record<string, true>> | null;
  /** Milliseconds since 1970. */
  receivedAt: number | null;
}>;

/** Throws what `message.read` throws: MessageGone where it was expunged meanwhile. */
export async function renderEmail(message: EmailSource, ask: EmailAsk, facts: EmailFacts): Promise<JsonObject> {
  const rendering = new Rendering(message, ask, facts);
  const email: Record<string, unknown> = {};
  for (const name of ask.properties) email[name] = await rendering.property(name);
  return email;
}

class Rendering {
  readonly #reader: EmailReader;
  readonly #ask: EmailAsk;
  readonly #facts: EmailFacts;
  #made: EmailBody | undefined;

  constructor(message: EmailSource, ask: EmailAsk, facts: EmailFacts) {
    this.#reader = new EmailReader(message);
    this.#ask = ask;
    this.#facts = facts;
  }

  async property(name: string): Promise<unknown> {
    if (isConvenience(name)) return this.#convenience(name);
    const header = readHeaderProperty(name);
    if (header !== undefined) return (await this.#headers()).get(header);
    return isFact(name) ? FACT[name](this.#facts, this.#reader.source) : this.#ofBody(name);
  }

  get #body(): EmailBody {
    this.#made ??= new EmailBody(this.#reader, this.#facts.blob, this.#ask);
    return this.#made;
  }

  #headers(): Promise<Headers> {
    return this.#reader.headers(this.#reader.source.structure.root);
  }

  async #ofBody(name: string): Promise<unknown> {
    switch (name) {
      case 'headers':
        return (await this.#headers()).all();
      case 'bodyStructure':
        return this.#body.structure();
      case 'bodyValues':
        return this.#body.values();
      case 'textBody':
      case 'htmlBody':
      case 'attachments':
        return this.#body.list(name);
      case 'hasAttachment':
        return hasAttachment(this.#body.lists);
      case 'preview':
        return this.#body.preview();
      default:
        throw new Error(`there is no property "${name}" to render`);
    }
  }

  async #convenience(name: Convenience): Promise<unknown> {
    const { structure } = this.#reader.source;
    if (knowsConvenience(structure)) return convenience(name, structure);
    const header = readHeaderProperty(CONVENIENCE[name]);
    return header === undefined ? null : (await this.#headers()).get(header);
  }
}

const FACT = {
  id: ({ id }: EmailFacts) => id,
  blobId: ({ blob }: EmailFacts) => blobIdText(blob),
  threadId: ({ threadId }: EmailFacts) => threadId,
  mailboxIds: ({ mailboxIds }: EmailFacts) => mailboxIds,
  keywords: ({ keywords }: EmailFacts) => keywords,
  size: (_: EmailFacts, { size }: EmailSource) => size,
  /** RFC 8620 §1.4: UTCDate, without a fraction of zero. */
  receivedAt: ({ receivedAt }: EmailFacts) => (receivedAt === null ? null : new Date(receivedAt).toISOString().replace('.000Z', 'Z')),
} as const;

const isFact = (name: string): name is keyof typeof FACT => Object.hasOwn(FACT, name);
