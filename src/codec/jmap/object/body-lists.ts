/** The parts of a message as flat lists (RFC 8621 §4.1.4), by the algorithm given there. */
import { fileName } from '../../mime/content.ts';
import type { Part } from '../../mime/structure.ts';

/** `partId` is null for a multipart; else IMAP's section number. */
export type BodyNode = Readonly<{ part: Part; partId: string | null; children: readonly BodyNode[]; isEmbedded: boolean }>;
export type BodyLists = Readonly<{ textBody: readonly BodyNode[]; htmlBody: readonly BodyNode[]; attachments: readonly BodyNode[] }>;

/** Attached messages stay closed. No deeper tree is built than DEPTH_LIMIT of codec/mime. */
export function bodyTree(root: Part): BodyNode {
  return isMultipart(root) ? node(root, '', false) : node(root, '1', false);
}

function node(part: Part, path: string, isEmbedded: boolean): BodyNode {
  if (!isMultipart(part)) return { part, partId: path, children: [], isEmbedded };
  const inside = path === '' ? '' : `${path}.`;
  const isRelated = part.subtype === 'related';
  const children = part.parts.map((child, at) =>
    node(child, `${inside}${at + 1}`, isRelated && at > 0 && child.type === 'image' && child.id !== null),
  );
  return { part, partId: null, children, isEmbedded: false };
}

/** All that are no multipart, in reading order. */
export const bodyLeaves = (one: BodyNode): readonly BodyNode[] => (one.partId === null ? one.children.flatMap(bodyLeaves) : [one]);

type Lists = { textBody: BodyNode[]; htmlBody: BodyNode[]; attachments: BodyNode[] };
/** Null: in this branch of an alternative the other kind was found. */
type Place = { kind: string; isInAlternative: boolean; text: BodyNode[] | null; html: BodyNode[] | null };

export function bodyLists(root: BodyNode): BodyLists {
  const lists: Lists = { textBody: [], htmlBody: [], attachments: [] };
  walk([root], { kind: 'mixed', isInAlternative: false, text: lists.textBody, html: lists.htmlBody }, lists.attachments);
  return lists;
}

function walk(nodes: readonly BodyNode[], place: Place, attachments: BodyNode[]): void {
  const { kind } = place;
  const textLength = place.text?.length ?? -1;
  const htmlLength = place.html?.length ?? -1;
  nodes.forEach((one, at) => {
    const { part } = one;
    if (one.partId === null) {
      const isInAlternative = place.isInAlternative || part.subtype === 'alternative';
      return walk(one.children, { kind: part.subtype, isInAlternative, text: place.text, html: place.html }, attachments);
    }
    if (!isInline(part, kind, at)) attachments.push(one);
    else if (kind === 'alternative') putAlternative(one, place, attachments);
    else putInline(one, place, attachments);
  });
  if (kind === 'alternative' && place.text !== null && place.html !== null)
    fillOther({ text: place.text, html: place.html }, { textLength, htmlLength });
}

function putAlternative(one: BodyNode, { text, html }: Place, attachments: BodyNode[]): void {
  const { part } = one;
  // Where the list is closed the suggested algorithm would fail; the part is then an attachment, so that nothing is lost.
  if (isPlain(part)) (text ?? attachments).push(one);
  else if (isHtml(part)) (html ?? attachments).push(one);
  else attachments.push(one);
}

function putInline(one: BodyNode, place: Place, attachments: BodyNode[]): void {
  if (place.isInAlternative && isPlain(one.part)) place.html = null;
  if (place.isInAlternative && isHtml(one.part)) place.text = null;
  place.text?.push(one);
  place.html?.push(one);
  const isLost = place.text === null && place.html === null;
  if (isLost || ((place.text === null || place.html === null) && isMedia(one.part))) attachments.push(one);
}

/** An alternative with one kind only stands for both. */
function fillOther(
  { text, html }: Readonly<{ text: BodyNode[]; html: BodyNode[] }>,
  { textLength, htmlLength }: Readonly<{ textLength: number; htmlLength: number }>,
): void {
  const [hasText, hasHtml] = [text.length !== textLength, html.length !== htmlLength];
  if (!hasText && hasHtml) text.push(...html.slice(htmlLength));
  if (!hasHtml && hasText) html.push(...text.slice(textLength));
}

/** Part of the body rather than a file: in a multipart/related only the first, and a text with a name only where it is the first. */
function isInline(part: Part, kind: string, at: number): boolean {
  if (part.disposition?.kind === 'attachment' || !(isPlain(part) || isHtml(part) || isMedia(part))) return false;
  return at === 0 || (kind !== 'related' && (isMedia(part) || (fileName(part) ?? '') === ''));
}

const isMultipart = ({ type }: Part): boolean => type === 'multipart';
const isPlain = ({ type, subtype }: Part): boolean => type === 'text' && subtype === 'plain';
export const isHtml = ({ type, subtype }: Part): boolean => type === 'text' && subtype === 'html';
const isMedia = ({ type }: Part): boolean => type === 'image' || type === 'audio' || type === 'video';

/** §4.1.4 hasAttachment: images that HTML shows in its text do not count, nor what is inline by its own word. */
export const hasAttachment = ({ attachments }: BodyLists): boolean =>
  attachments.some(({ part, isEmbedded }) => part.disposition?.kind !== 'inline' && !(isEmbedded && part.disposition === null));
