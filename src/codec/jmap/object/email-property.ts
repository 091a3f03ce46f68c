/** The names of an Email's properties, and of an EmailBodyPart's (RFC 8621 §4.1). */
import { readHeaderProperty } from './header-property.ts';

/** What needs nothing but the store. */
const METADATA = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt'] as const;

/** Convenience properties, and the header property each is short for (§4.1.3). */
export const CONVENIENCE = {
  messageId: 'header:Message-ID:asMessageIds',
  inReplyTo: 'header:In-Reply-To:asMessageIds',
  references: 'header:References:asMessageIds',
  sender: 'header:Sender:asAddresses',
  from: 'header:From:asAddresses',
  to: 'header:To:asAddresses',
  cc: 'header:Cc:asAddresses',
  bcc: 'header:Bcc:asAddresses',
  replyTo: 'header:Reply-To:asAddresses',
  subject: 'header:Subject:asText',
  sentAt: 'header:Date:asDate',
} as const;
export type Convenience = keyof typeof CONVENIENCE;
const CONVENIENCES = Object.keys(CONVENIENCE) as Convenience[];

/** §4.9: by default of Email/parse, and with the metadata of Email/get (§4.2). */
export const PARSE_DEFAULTS = [...CONVENIENCES, 'hasAttachment', 'preview', 'bodyValues', 'textBody', 'htmlBody', 'attachments'] as const;
export const GET_DEFAULTS = [...METADATA, ...PARSE_DEFAULTS] as const;
export const BODY_DEFAULTS = ['partId', 'blobId', 'size', 'name', 'type', 'charset', 'disposition', 'cid', 'language', 'location'] as const;

const EMAIL: ReadonlySet<string> = new Set([...GET_DEFAULTS, 'headers', 'bodyStructure']);
const BODY_PART: ReadonlySet<string> = new Set([...BODY_DEFAULTS, 'headers', 'subParts']);

export const isEmailProperty = (name: string): boolean => EMAIL.has(name) || readHeaderProperty(name) !== undefined;
export const isBodyProperty = (name: string): boolean => BODY_PART.has(name) || readHeaderProperty(name) !== undefined;
export const isConvenience = (name: string): name is Convenience => Object.hasOwn(CONVENIENCE, name);
