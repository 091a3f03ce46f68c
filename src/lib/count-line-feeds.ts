/** Counts line feeds fast: four octets at a time, since every stored message is counted once for BODYSTRUCTURE. */

/** Below this many octets the setup of the word view costs more than it saves. */
const SHORT = 64;
const LINE_FEED = 0x0a;
const LINE_FEEDS = 0x0a0a0a0a;

/** How many line feeds stand in bytes[from, to). */
export function countLineFeeds(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < SHORT) return countSlowly(bytes, from, to);
  const lead = (4 - ((bytes.byteOffset + from) & 3)) & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from + lead, (to - from - lead) >> 2);
  return countSlowly(bytes, from, from + lead) + countInWords(words) + countSlowly(bytes, from + lead + words.length * 4, to);
}

function countSlowly(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === LINE_FEED) count++;
  return count;
}

/** Words until one of the four counters below may be full. */
const COUNTER_LIMIT = 255;
const ONES = 0x01010101;

/**
 * After the XOR an octet is zero exactly where a line feed stood. The sum sets
 * the top bit of every octet that is not zero without carrying into its
 * neighbour, so those are counted, four counters in one number, and taken off.
 */
function countInWords(words: Int32Array): number {
  let count = words.length * 4;
  for (let at = 0; at < words.length; ) {
    const stop = Math.min(words.length, at + COUNTER_LIMIT);
    let others = 0;
    for (; at < stop; at++) {
      const word = (words[at] ?? 0) ^ LINE_FEEDS;
      others = (others + (((((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word) >>> 7) & ONES)) | 0;
    }
    count -= (others & 255) + ((others >>> 8) & 255) + ((others >>> 16) & 255) + (others >>> 24);
  }
  return count;
}
