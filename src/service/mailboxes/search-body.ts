/**
 * Looking for words in the text of a message: every text part decoded (charset
 * and transfer encoding), of HTML what people read, of attachments their file
 * names, of attached messages their headers too. Large parts are gone through
 * slice by slice.
 */
import { decodeCharset, settledCharset, unitOctets } from '../../codec/mime/charset.ts';
import { fileName } from '../../codec/mime/content.ts';
import { decodedHeader } from '../../codec/mime/encoded-word.ts';
import { fieldValue, headerFields } from '../../codec/mime/headers.ts';
import { htmlText } from '../../codec/mime/html-text.ts';
import { type MessageStructure, type Part, sections } from '../../codec/mime/structure.ts';
import { decodeTransfer, transferDecoder } from '../../codec/mime/transfer-encoding.ts';
import type { HeaderText } from './criterion.ts';
import { Haystack, type Needle } from './fold.ts';
import { SEARCH_SLICE_BYTES } from './limits.ts';
import type { Pace } from './pace.ts';

export type ReadPlain = (from: number, to: number) => Promise<Buffer>;

const LINE_FEED = 0x0a;
/** Folding may lengthen text a little; and a blank may be several. */
const OVERLAP_FACTOR = 4;

/** The fields of a header block for people to read. */
export function headerTexts(block: Buffer): HeaderText[] {
  return headerFields(block).map((field) => ({ name: field.name, text: decodedHeader(fieldValue(block, field)) }));
}

/** Which of the needles stand in the body. Undefined when it was aborted. */
export async function findInBody(
  { structure, read, pace }: Readonly<{ structure: MessageStructure; read: ReadPlain; pace: Pace }>,
  needles: readonly Needle[],
): Promise<readonly boolean[] | undefined> {
  const hunt = new Hunt(needles);
  for (const { part } of sections(structure.root)) {
    if (hunt.isOver) break;
    if (pace.isAborted) return undefined;
    if (pace.isDue) await pace.rest();
    hunt.lookAt(fileName(part) ?? '');
    if (part.message !== null) await lookAtHeader(part, read, hunt);
    else if (part.type === 'text') await lookAtText(part, { read, pace, hunt });
  }
  return hunt.found;
}

class Hunt {
  readonly found: boolean[];
  readonly overlap: number;
  readonly #needles: readonly Needle[];
  #left: number;

  constructor(needles: readonly Needle[]) {
    this.#needles = needles;
    // Nothing is everywhere: RFC 9051 §6.4.4 gives an empty string no other meaning here.
    this.found = needles.map(({ empty }) => empty);
    this.#left = this.found.filter((one) => !one).length;
    this.overlap = OVERLAP_FACTOR * needles.reduce((most, { length }) => Math.max(most, length), 0);
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  lookAt(text: string): void {
    if (text === '') return;
    const hay = new Haystack(text);
    for (const [number, needle] of this.#needles.entries()) {
      if (this.found[number] === true || !needle.isIn(hay)) continue;
      this.found[number] = true;
      this.#left--;
    }
  }
}

async function lookAtHeader(part: Part, read: ReadPlain, hunt: Hunt): Promise<void> {
  const block = await read(part.bodyStart, part.message?.root.bodyStart ?? part.bodyStart);
  for (const { name, text } of headerTexts(block)) hunt.lookAt(`${name}: ${text}`);
}

type Look = Readonly<{ read: ReadPlain; pace: Pace; hunt: Hunt }>;

async function lookAtText(part: Part, look: Look): Promise<void> {
  const length = part.bodyEnd - part.bodyStart;
  if (length > SEARCH_SLICE_BYTES) return lookAtSlices(part, look);
  const octets = decodeTransfer(await look.read(part.bodyStart, part.bodyEnd), part.encoding);
  look.hunt.lookAt(readable(part, decodeCharset(octets, part.parameters['charset'])));
}

const readable = (part: Part, text: string): string => (part.subtype === 'html' ? htmlText(text, text.length) : text);

async function lookAtSlices(part: Part, { read, pace, hunt }: Look): Promise<void> {
  const decoder = transferDecoder(part.encoding);
  let waiting: Buffer = Buffer.alloc(0);
  let before = '';
  let charset = part.parameters['charset'];
  let isFirst = true;
  const look = (octets: Buffer): void => {
    if (isFirst) charset = settledCharset(octets, charset);
    isFirst = false;
    const text = before + readable(part, decodeCharset(octets, charset));
    hunt.lookAt(text);
    before = hunt.overlap === 0 ? '' : text.slice(-hunt.overlap);
  };
  for (let at = part.bodyStart; at < part.bodyEnd && !hunt.isOver && !pace.isAborted; at += SEARCH_SLICE_BYTES) {
    const raw = await read(at, Math.min(part.bodyEnd, at + SEARCH_SLICE_BYTES));
    const octets = decoder === undefined ? raw : decoder.push(raw);
    waiting = waiting.length === 0 ? octets : Buffer.concat([waiting, octets]);
    // Uuencode may grow: what comes of one slice is looked at in several.
    for (let cut = whereToCut(waiting, charset); cut > 0 && !hunt.isOver; cut = whereToCut(waiting, charset)) {
      look(waiting.subarray(0, cut));
      waiting = waiting.subarray(cut);
      if (pace.isDue) await pace.rest();
    }
  }
  if (!hunt.isOver) look(decoder === undefined ? waiting : Buffer.concat([waiting, decoder.end()]));
}

/**
 * How much can be looked at now: up to behind a line, where no character of any
 * charset goes on; UTF-16 by its units. A line longer than a slice is cut where
 * it is. 0 when more must come first.
 */
function whereToCut(waiting: Buffer, charset: string | undefined): number {
  const length = Math.min(waiting.length, SEARCH_SLICE_BYTES);
  if (unitOctets(charset) === 2) return length - (length % 2);
  const lineEnd = waiting.subarray(0, length).lastIndexOf(LINE_FEED) + 1;
  return lineEnd === 0 && length === SEARCH_SLICE_BYTES ? length : lineEnd;
}
