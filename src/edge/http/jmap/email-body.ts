/** The body of an Email: parts, lists of parts, values and the preview (RFC 8621 §4.1.4). */
import { type BlobId, blobIdText, partBlob } from '../../../codec/jmap/blob-id.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { type BodyLists, type BodyNode, bodyLeaves, bodyLists, bodyTree } from '../../../codec/jmap/object/body-lists.ts';
import { bodyValue, sourceOctets } from '../../../codec/jmap/object/body-value.ts';
import { readHeaderProperty } from '../../../codec/jmap/object/header-property.ts';
import { fileName } from '../../../codec/mime/content.ts';
import { PREVIEW_SOURCE_LIMIT } from '../../../codec/mime/limits.ts';
import { previewOf, previewParts } from '../../../codec/mime/preview.ts';
import type { Part } from '../../../codec/mime/structure.ts';
import type { EmailAsk } from './email-ask.ts';
import type { EmailReader } from './email-source.ts';
import { BODY_VALUE_LIMIT, PREVIEW_PARTS_LIMIT } from './limits.ts';

export class EmailBody {
  readonly lists: BodyLists;
  readonly #root: BodyNode;
  readonly #reader: EmailReader;
  readonly #blob: BlobId;
  readonly #ask: EmailAsk;

  constructor(reader: EmailReader, blob: BlobId, ask: EmailAsk) {
    this.#reader = reader;
    this.#blob = blob;
    this.#ask = ask;
    this.#root = bodyTree(reader.source.structure.root);
    this.lists = bodyLists(this.#root);
  }

  /** The whole tree. A multipart has its subParts whether asked for or not: without them it would be no structure. */
  structure(): Promise<JsonObject> {
    return this.#tree(this.#root);
  }

  async list(name: 'textBody' | 'htmlBody' | 'attachments'): Promise<readonly JsonObject[]> {
    const parts: JsonObject[] = [];
    for (const node of this.lists[name]) parts.push(await this.#part(node));
    return parts;
  }

  /** By partId. */
  async values(): Promise<JsonObject> {
    const values: Record<string, unknown> = {};
    for (const { part, partId } of this.#valued()) if (partId !== null) values[partId] = await this.#value(part);
    return values;
  }

  /** Found in the parts' beginnings; at most PREVIEW_LENGTH characters, which is less than §4.1.4 allows. */
  async preview(): Promise<string> {
    for (const part of previewParts(this.#reader.source.structure).slice(0, PREVIEW_PARTS_LIMIT)) {
      const text = previewOf(await this.#reader.beginning(part, PREVIEW_SOURCE_LIMIT), part);
      if (text !== '') return text.toWellFormed();
    }
    return '';
  }

  #valued(): readonly BodyNode[] {
    const { fetchTextBodyValues, fetchHTMLBodyValues, fetchAllBodyValues } = this.#ask;
    const nodes = [
      ...(fetchTextBodyValues ? this.lists.textBody : []),
      ...(fetchHTMLBodyValues ? this.lists.htmlBody : []),
      ...(fetchAllBodyValues ? bodyLeaves(this.#root) : []),
    ];
    return [...new Set(nodes)].filter(({ part }) => part.type === 'text');
  }

  async #value(part: Part): Promise<unknown> {
    const { maxBodyValueBytes, room } = this.#ask;
    const limit = Math.min(maxBodyValueBytes === 0 ? BODY_VALUE_LIMIT : maxBodyValueBytes, BODY_VALUE_LIMIT, room.left);
    const { octets, isCut } = await this.#reader.decoded(part, sourceOctets(limit));
    const made = bodyValue(part, octets, { isCut, limit });
    room.left = Math.max(0, room.left - Buffer.byteLength(made.value, 'utf8'));
    return made;
  }

  /** As deep as the tree, which codec/mime bounds. */
  async #tree(node: BodyNode): Promise<JsonObject> {
    const shown = await this.#part(node);
    if (node.partId !== null) return shown;
    const subParts: JsonObject[] = [];
    for (const child of node.children) subParts.push(await this.#tree(child));
    return { ...shown, subParts };
  }

  async #part({ part, partId }: BodyNode): Promise<JsonObject> {
    const shown: Record<string, unknown> = {};
    for (const name of this.#ask.bodyProperties)
      shown[name] = partId === null && name === 'blobId' ? null : await this.#property(name, part, partId);
    return shown;
  }

  async #property(name: string, part: Part, partId: string | null): Promise<unknown> {
    const header = readHeaderProperty(name);
    if (header !== undefined) return (await this.#reader.headers(part)).get(header);
    switch (name) {
      case 'partId':
        return partId;
      case 'blobId':
        return this.#blobId(part);
      case 'size':
        return this.#reader.size(part);
      case 'headers':
        return (await this.#reader.headers(part)).all();
      case 'subParts':
        return null;
      default:
        return told(name, part);
    }
  }

  #blobId(part: Part): string | null {
    const blob = partBlob(this.#blob, part);
    return blob === undefined ? null : blobIdText(blob);
  }
}

/** What the header of a part says of it. */
function told(name: string, part: Part): unknown {
  switch (name) {
    case 'name':
      return fileName(part)?.toWellFormed() ?? null;
    case 'type':
      return `${part.type}/${part.subtype}`;
    case 'charset':
      return part.parameters['charset'] ?? (part.type === 'text' ? 'us-ascii' : null);
    case 'disposition':
      return part.disposition?.kind ?? null;
    case 'cid':
      return bareId(part.id);
    case 'language':
      return part.language;
    case 'location':
      return part.location;
    default:
      return null;
  }
}

/** Without comments and angle brackets; a mailer that forgets the brackets means the same. */
function bareId(id: string | null): string | null {
  const [open, close] = [id?.indexOf('<') ?? -1, id?.lastIndexOf('>') ?? -1];
  const bare = (open >= 0 && close > open ? id?.slice(open + 1, close) : id)?.trim() ?? '';
  return bare === '' ? null : bare;
}
