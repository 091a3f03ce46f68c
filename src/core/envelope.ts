/** The SMTP envelope (RFC 5598 §4.2.1): who it is from and for, apart from what the header says. */

/** RFC 3461 §4.1: what the sender asked of delivery reports. */
export type Notify = Readonly<{ never: boolean; success: boolean; failure: boolean; delay: boolean }>;

export type EnvelopeRecipient = Readonly<{
  /** As given in RCPT TO, with its own case. */
  address: string;
  notify: Notify | null;
  /** `rfc822;someone@example` as given, xtext decoded; null when not given (RFC 3461 §4.2). */
  originalRecipient: string | null;
}>;

export type Envelope = Readonly<{
  /** Empty for the null sender `<>`. */
  from: string;
  recipients: readonly EnvelopeRecipient[];
  /** RFC 3461 §4.3 and §4.4. */
  returnContent: 'full' | 'headers' | null;
  envelopeId: string | null;
  smtpUtf8: boolean;
  body: '7bit' | '8bitmime' | 'binarymime';
}>;

/** What RFC 3461 §4.1 takes for granted when NOTIFY is absent. */
export const DEFAULT_NOTIFY: Notify = { never: false, success: false, failure: true, delay: true };
