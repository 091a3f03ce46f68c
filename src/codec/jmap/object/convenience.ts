/** Convenience properties out of a structure (RFC 8621 §4.1.3), so that a list of messages is shown without opening one. */
import { DEFECT_LIMIT, REFERENCE_LIMIT } from '../../mime/limits.ts';
import { messageIds } from '../../mime/message-id.ts';
import type { Address, MessageStructure } from '../../mime/structure.ts';
import type { Convenience } from './email-property.ts';
import { bareIds, dateText, emailAddresses } from './header-form.ts';
import { headerText } from './header-text.ts';

/** False where a field of the header came twice, or may have: the structure keeps the first of two, or both as one list, and JMAP wants the last. */
export const knowsConvenience = ({ defects, root }: MessageStructure): boolean =>
  defects.length < DEFECT_LIMIT && !defects.some(({ kind, at }) => kind === 'duplicate-field' && at < root.bodyStart);

/** As the header property it is short for, but null also for an address field with nothing in it: the structure knows no difference. */
export function convenience(name: Convenience, { envelope, references }: MessageStructure): unknown {
  switch (name) {
    case 'messageId':
    case 'inReplyTo':
      return bareIds(messageIds(envelope[name] ?? '', REFERENCE_LIMIT));
    case 'references':
      return bareIds(references);
    case 'subject':
      return envelope.subject === null ? null : headerText(envelope.subject);
    case 'sentAt':
      return envelope.date === null ? null : dateText(envelope.date);
    default:
      return addresses(envelope[name]);
  }
}

const addresses = (list: readonly Address[] | null): unknown => (list === null ? null : emailAddresses(list));
