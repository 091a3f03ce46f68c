/** The first readable words of a message, for lists of messages: quoted lines, markup and invisible filling left out. */
import { bodyOctets, decodeText, isAttachment } from './content.ts';
import { htmlText } from './html-text.ts';
import { PREVIEW_LENGTH, PREVIEW_SOURCE_LIMIT } from './limits.ts';
import { leaves, type MessageStructure, type Part } from './structure.ts';

/** QUIRK: newsletters fill the preview with characters nobody sees, to hide what follows. The two that hold emoji together stay. */
const INVISIBLE = /(?!\u200d|\ufe0f)\p{Default_Ignorable_Code_Point}/gu;
const BLANKS = /\s+/g;

/** At most `limit` characters on one line; '' when there is no text. */
export function preview(message: Uint8Array, structure: MessageStructure, limit: number = PREVIEW_LENGTH): string {
  for (const part of previewParts(structure)) {
    const text = previewOf(bodyOctets(message, part).subarray(0, PREVIEW_SOURCE_LIMIT), part, limit);
    if (text !== '') return text;
  }
  return '';
}

/** The parts a preview may be found in, best first. */
export function previewParts({ root }: Pick<MessageStructure, 'root'>): readonly Part[] {
  const parts = leaves(root).filter((part) => part.type === 'text' && !isAttachment(part));
  return [...parts.filter(isPlain), ...parts.filter((part) => !isPlain(part))];
}

const isPlain = ({ subtype }: Part): boolean => subtype === 'plain';

/** Of one part, by the first PREVIEW_SOURCE_LIMIT octets of its body as they stand in the message. */
export function previewOf(source: Uint8Array, part: Part, limit: number = PREVIEW_LENGTH): string {
  const text = decodeText(source, part.encoding, part.parameters['charset']);
  const readable = part.subtype === 'html' ? htmlText(text, limit * 2) : withoutQuotes(text);
  return cut(readable.replace(INVISIBLE, '').replace(BLANKS, ' ').trim(), limit);
}

/** Without the lines of the message answered, if anything else is left. */
function withoutQuotes(text: string): string {
  const lines = text.split('\n');
  const own = lines.filter((line) => !line.startsWith('>')).join('\n');
  return own.trim() === '' ? text : own;
}

/** Never in the middle of a surrogate pair. A character cut off at the end of the source is dropped too. */
function cut(text: string, limit: number): string {
  const whole = text.endsWith('\ufffd') ? text.slice(0, -1) : text;
  if (whole.length <= limit) return whole;
  const code = whole.charCodeAt(limit - 1);
  return whole.slice(0, code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit);
}
