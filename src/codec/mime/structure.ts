/**
 * What the reader says about a message: plain values that survive JSON, since
 * they are stored sealed beside each message. Offsets, not copies: whoever
 * needs a part cuts it out of the message and decodes it then.
 */

/** RFC 9051 §2.3.5 address: a group starts with {name:null,mailbox:'Group name',host:null} and ends with all null. Text is raw (encoded words undecoded), unfolded, unquoted. A mailbox without a domain has host ''. */
export type Address = Readonly<{ name: string | null; mailbox: string | null; host: string | null }>;

export type Envelope = Readonly<{
  date: string | null;
  subject: string | null;
  from: readonly Address[] | null;
  /** Null when absent: IMAP puts From here when it renders. */
  sender: readonly Address[] | null;
  replyTo: readonly Address[] | null;
  to: readonly Address[] | null;
  cc: readonly Address[] | null;
  bcc: readonly Address[] | null;
  inReplyTo: string | null;
  messageId: string | null;
}>;

export type Parameters = Readonly<Record<string, string>>;
export type Disposition = Readonly<{ kind: string; parameters: Parameters }>;

/**
 * One node. Offsets are octets from the start of the message; body =
 * [bodyStart, bodyEnd); lines = lines in the body, a last one without line end
 * counted. A part never reaches outside the one that holds it.
 *
 * Two promises for those who render trees: a `multipart` has at least one
 * child, and `message/rfc822` and `message/global` always have `message`. What
 * cannot be opened is called by another name: text/plain where no part was
 * found, application/octet-stream past a bound or under an encoding that
 * RFC 2045 §6.4 forbids there. A Defect says which.
 */
export type Part = Readonly<{
  headerStart: number;
  bodyStart: number;
  bodyEnd: number;
  lines: number;
  /** Type, subtype and parameter names in lower case. Without a Content-Type: text/plain; charset=us-ascii, or message/rfc822 in a digest. */
  type: string;
  subtype: string;
  /** Values decoded (RFC 2231, and encoded words in file names). */
  parameters: Parameters;
  id: string | null;
  description: string | null;
  /** Lower case, '7bit' by default. */
  encoding: string;
  disposition: Disposition | null;
  language: readonly string[] | null;
  location: string | null;
  md5: string | null;
  parts: readonly Part[];
  message: Readonly<{ envelope: Envelope; root: Part }> | null;
}>;

export type DefectKind =
  | 'header-too-long'
  | 'too-many-fields'
  | 'too-deep'
  | 'too-many-parts'
  | 'too-many-addresses'
  | 'too-many-references'
  | 'boundary-too-long'
  | 'boundary-missing'
  | 'no-parts'
  | 'missing-terminator'
  | 'missing-blank-line'
  | 'mbox-line'
  | 'duplicate-field'
  | 'bad-content-type'
  | 'unknown-encoding'
  | 'encoded-container'
  | 'header-not-utf8'
  | 'bare-line-feed'
  | 'nul';

/** Something a well-made message would not have, and the octet where it was seen. `bare-line-feed` and `nul` are told once, at the first. */
export type Defect = Readonly<{ kind: DefectKind; at: number }>;

export type MessageStructure = Readonly<{
  size: number;
  envelope: Envelope;
  root: Part;
  /** Message ids from References, angle brackets kept. */
  references: readonly string[];
  defects: readonly Defect[];
  receivedCount: number;
  has8Bit: boolean;
}>;

/** A part with its IMAP section number (RFC 9051 §6.4.5): '' for the root of a multipart message, '1' for a single body. */
export type Section = Readonly<{ path: string; part: Part }>;

/** Every part in reading order, each with its section number. Parts inside an attached message are included. */
export function sections(root: Part): Section[] {
  const found: Section[] = [];
  addSections(found, root, root.type === 'multipart' ? '' : '1');
  return found;
}

/** Recursion is bounded by DEPTH_LIMIT: no deeper tree is ever built. */
function addSections(found: Section[], part: Part, path: string): void {
  found.push({ path, part });
  const inside = path === '' ? '' : `${path}.`;
  part.parts.forEach((child, index) => addSections(found, child, `${inside}${index + 1}`));
  if (part.message === null) return;
  const { root } = part.message;
  if (root.type !== 'multipart') return addSections(found, root, `${path}.1`);
  root.parts.forEach((child, index) => addSections(found, child, `${path}.${index + 1}`));
}

/** The parts that hold content themselves, attached messages left closed. */
export function leaves(root: Part): Part[] {
  return root.type === 'multipart' ? root.parts.flatMap(leaves) : [root];
}
