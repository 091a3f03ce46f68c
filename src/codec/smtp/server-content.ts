/**
 * The part of the server machine that reads content: after DATA up to the final
 * dot, or in BDAT chunks of known length (RFC 3030). What is refused is still
 * read to its end, within bounds, so that the next command is found again.
 */
import type { BdatArguments } from './command.ts';
import { type ContentFault, ContentReader, type ContentRules } from './dot-unstuffing.ts';
import type { Action } from './server-actions.ts';
import type { ServerInput } from './server-input.ts';
import { DISCARDED_OCTETS } from './server-limits.ts';
import type { Phase } from './server-order.table.ts';
import { REPLIES, type ServerReply } from './server-replies.table.ts';

export type ContentOutcome =
  | Readonly<{ is: 'whole'; size: number }>
  /** A chunk that is not the last has been read. */
  | Readonly<{ is: 'chunk'; octets: number }>
  /** `back`: where the conversation goes on. */
  | Readonly<{ is: 'refused'; reply: ServerReply; back: Phase }>
  /** So much is thrown away that the peer is sent away. */
  | Readonly<{ is: 'endless' }>;

const FAULT_REPLIES: Readonly<Record<ContentFault, ServerReply>> = {
  bareLineEnding: REPLIES.badContentLine,
  lineTooLong: REPLIES.contentLineTooLong,
  tooBig: REPLIES.tooBig,
};

export class ServerContent {
  #reader: ContentReader | undefined;
  #sizeLimit = 0;
  #toldFault = false;
  #chunk: BdatArguments | undefined;
  #left = 0;
  #back: Phase = 'greeted';
  /** Why the chunk that is being read is thrown away. */
  #refusal: ServerReply | undefined;

  /** A message begins. */
  begin(rules: ContentRules): void {
    this.#reader = new ContentReader(rules);
    this.#sizeLimit = rules.sizeLimit;
    this.#toldFault = false;
    this.#chunk = undefined;
  }

  /** A chunk follows; with `refusal` it is thrown away and that is the answer. A refused chunk leads to `back`. */
  beginChunk(chunk: BdatArguments, back: Phase, refusal?: ServerReply): void {
    this.#chunk = chunk;
    this.#back = back;
    this.#left = chunk.octets;
    this.#refusal = refusal;
  }

  /** Reads to the end of the message or chunk; undefined when more must arrive. */
  read(input: ServerInput, actions: Action[]): ContentOutcome | undefined {
    return this.#chunk === undefined ? this.#readDots(input, actions) : this.#readChunk(input, this.#chunk, actions);
  }

  #readDots(input: ServerInput, actions: Action[]): ContentOutcome | undefined {
    const reader = this.#must();
    const { bytes, from } = input.rest();
    if (from === bytes.length) return undefined;
    input.readTo(reader.read(bytes, from));
    this.#passOn(reader, actions);
    if (!reader.isOver) return reader.size > this.#sizeLimit + DISCARDED_OCTETS ? { is: 'endless' } : undefined;
    if (reader.fault !== undefined) return { is: 'refused', reply: FAULT_REPLIES[reader.fault], back: 'greeted' };
    return { is: 'whole', size: reader.size };
  }

  #readChunk(input: ServerInput, chunk: BdatArguments, actions: Action[]): ContentOutcome | undefined {
    if (this.#left > 0) {
      if (input.isEmpty) return undefined;
      const bytes = input.take(this.#left);
      this.#left -= bytes.length;
      if (this.#refusal === undefined) {
        const reader = this.#must();
        reader.read(bytes, 0);
        this.#passOn(reader, actions);
      }
      if (this.#left > 0) return undefined;
    }
    return this.#chunkIsOver(chunk, actions);
  }

  #chunkIsOver({ octets, isLast }: BdatArguments, actions: Action[]): ContentOutcome {
    if (this.#refusal !== undefined) return { is: 'refused', reply: this.#refusal, back: this.#back };
    const reader = this.#must();
    if (isLast) reader.finish();
    this.#passOn(reader, actions);
    if (reader.fault !== undefined) return { is: 'refused', reply: FAULT_REPLIES[reader.fault], back: this.#back };
    return isLast ? { is: 'whole', size: reader.size } : { is: 'chunk', octets };
  }

  #passOn(reader: ContentReader, actions: Action[]): void {
    const bytes = reader.take();
    if (bytes !== undefined) actions.push({ do: 'content', bytes });
    if (reader.fault === undefined || this.#toldFault) return;
    this.#toldFault = true;
    actions.push({ do: 'spoil', fault: reader.fault });
  }

  #must(): ContentReader {
    if (this.#reader === undefined) throw new Error('content is read before it began');
    return this.#reader;
  }
}
