/** An errand in the words of the client machine: parameters, and recipients in groups no server finds too many. */
import type { ClientMessage, ClientRecipient } from '../../codec/smtp/client-message.ts';
import type { EnvelopeRecipient, Notify } from '../../core/envelope.ts';
import type { Errand } from '../../core/ports/courier.ts';

/** Recipients of one transaction: what every server must take (RFC 5321 §4.5.3.1.8). */
export const RECIPIENTS_PER_MESSAGE = 100;

export function messageFor(errand: Errand, recipients: readonly EnvelopeRecipient[]): ClientMessage {
  const { envelope, size, has8Bit } = errand;
  return {
    sender: envelope.from,
    recipients: recipients.map(recipientFor),
    size,
    body: envelope.body === 'binarymime' ? 'binarymime' : has8Bit ? '8bitmime' : '7bit',
    // A message that asked for SMTPUTF8 but is plain ASCII goes to old servers as well.
    smtpUtf8: envelope.smtpUtf8 && has8Bit,
    ...(envelope.returnContent === null ? {} : { returnContent: envelope.returnContent === 'full' ? 'FULL' : 'HDRS' }),
    ...(envelope.envelopeId === null ? {} : { envelopeId: envelope.envelopeId }),
  };
}

const recipientFor = ({ address, notify, originalRecipient }: EnvelopeRecipient): ClientRecipient => ({
  address,
  ...(notify === null ? {} : { notify: notifyText(notify) }),
  ...(originalRecipient === null ? {} : { originalRecipient }),
});

/** RFC 3461 §4.1. */
function notifyText({ never, success, failure, delay }: Notify): string {
  const words = [success && 'SUCCESS', failure && 'FAILURE', delay && 'DELAY'].filter((word) => word !== false);
  return never || words.length === 0 ? 'NEVER' : words.join(',');
}

export function inGroups<T>(all: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < all.length; at += size) groups.push(all.slice(at, at + size));
  return groups;
}
