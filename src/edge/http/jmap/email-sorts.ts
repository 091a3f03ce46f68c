/** What emails can be sorted by (RFC 8621 §4.4.2), and what each comparator may have besides. */
export const EMAIL_SORTS: Readonly<Record<string, readonly string[]>> = {
  receivedAt: [],
  size: [],
  from: [],
  to: [],
  subject: [],
  sentAt: [],
  hasKeyword: ['keyword'],
  allInThreadHaveKeyword: ['keyword'],
  someInThreadHaveKeyword: ['keyword'],
};
