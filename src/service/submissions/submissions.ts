/** The door of submissions: what a person sends with (identities), and what they sent over JMAP (RFC 8621 §6, §7). */
export { Identities, type Identity, type IdentityRecord, type NamedAddress } from './identities.ts';
export { ObjectShelf, type Shelf, type ShelfState } from './object-shelf.ts';
export type { BadRecipients } from './hand-over.ts';
export { SentMail, type SentMailParts } from './sent-mail.ts';
export type { Submission, SubmissionRecord, SubmittedAddress, SubmittedEnvelope } from './submission.ts';
export type { ShelfChanges } from './shelf-changes.ts';
