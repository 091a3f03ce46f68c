/** The blocks of a PEM text (RFC 7468 §2): what lies between the lines of BEGIN and END. What stands around them is left alone. */

/** `label` as in `-----BEGIN label-----`; `text` with both lines. */
export type PemBlock = Readonly<{ label: string; text: string }>;

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** A block without its own END is none. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { label: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const bare = line.trimEnd();
    if (bare.startsWith(BEGIN) && bare.endsWith(DASHES)) open = { label: bare.slice(BEGIN.length, -DASHES.length), lines: [] };
    open?.lines.push(bare);
    if (open === undefined || bare !== `-----END ${open.label}-----`) continue;
    blocks.push({ label: open.label, text: `${open.lines.join('\n')}\n` });
    open = undefined;
  }
  return blocks;
}
