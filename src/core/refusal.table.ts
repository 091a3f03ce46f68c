/**
 * Every "no" we can say. `code` and `enhanced` are what SMTP speaks (RFC 3463,
 * RFC 5248), `imap` the response code of RFC 5530, `words` the public English
 * text, which never names a path, a query or somebody else's address.
 */
type Row = Readonly<{ code: number; enhanced: string; imap: string | null; words: string }>;

export const REFUSALS = {
  // Addresses and relaying
  noSuchUser: { code: 550, enhanced: '5.1.1', imap: null, words: 'There is no such address here' },
  noSuchDomain: { code: 550, enhanced: '5.1.2', imap: null, words: 'The domain of that address does not exist' },
  badRecipientAddress: { code: 553, enhanced: '5.1.3', imap: null, words: 'That is not a valid recipient address' },
  badSenderAddress: { code: 553, enhanced: '5.1.7', imap: null, words: 'That is not a valid sender address' },
  notARelay: { code: 550, enhanced: '5.7.1', imap: null, words: 'We do not pass mail on for others' },
  accountClosed: { code: 550, enhanced: '5.2.1', imap: null, words: 'That mailbox is closed' },
  mailboxFull: { code: 452, enhanced: '4.2.2', imap: 'OVERQUOTA', words: 'That mailbox is full' },
  senderNotYours: { code: 550, enhanced: '5.7.1', imap: null, words: 'You may only send with your own addresses' },
  headerFromNotYours: {
    code: 550,
    enhanced: '5.7.1',
    imap: null,
    words: 'The From or Sender field of the message is not one of your addresses',
  },
  utf8Needed: { code: 553, enhanced: '5.6.7', imap: null, words: 'That address needs SMTPUTF8' },
  nullSenderManyRecipients: { code: 550, enhanced: '5.5.3', imap: null, words: 'A message without a sender may have one recipient only' },
  // Content
  tooBig: { code: 552, enhanced: '5.3.4', imap: 'LIMIT', words: 'The message is larger than we take' },
  headerTooBig: { code: 552, enhanced: '5.3.4', imap: 'LIMIT', words: 'The header of the message is larger than we take' },
  bareLineEnding: { code: 550, enhanced: '5.6.0', imap: null, words: 'Lines must end in CRLF: a bare CR or LF was found' },
  badMessage: { code: 550, enhanced: '5.6.0', imap: null, words: 'The message is not well formed' },
  badHeader: { code: 550, enhanced: '5.6.0', imap: null, words: 'The header of the message is not well formed' },
  loop: { code: 554, enhanced: '5.4.6', imap: null, words: 'The message has passed too many servers and seems to go in circles' },
  // Limits
  tooManyRecipients: { code: 452, enhanced: '4.5.3', imap: null, words: 'Too many recipients at once; send the rest in another message' },
  tooManyConnections: { code: 421, enhanced: '4.7.0', imap: 'LIMIT', words: 'Too many connections from your address; try again later' },
  tooManyErrors: { code: 421, enhanced: '4.7.0', imap: 'LIMIT', words: 'Too many errors; goodbye' },
  tooManyMessages: { code: 421, enhanced: '4.7.0', imap: null, words: 'Enough for one connection; please connect again' },
  idleTooLong: { code: 421, enhanced: '4.4.2', imap: null, words: 'Nothing was heard for too long; goodbye' },
  closing: { code: 421, enhanced: '4.3.2', imap: 'UNAVAILABLE', words: 'The server is shutting down; try again in a minute' },
  diskFull: { code: 452, enhanced: '4.3.1', imap: 'UNAVAILABLE', words: 'There is no room just now; try again later' },
  trouble: { code: 451, enhanced: '4.3.0', imap: 'UNAVAILABLE', words: 'Something went wrong on our side; try again later' },
  // Signing in
  tlsFirst: { code: 530, enhanced: '5.7.0', imap: 'PRIVACYREQUIRED', words: 'Start TLS first' },
  signInFirst: { code: 530, enhanced: '5.7.0', imap: null, words: 'Sign in first' },
  wrongPassword: { code: 535, enhanced: '5.7.8', imap: 'AUTHENTICATIONFAILED', words: 'That name and password do not belong together' },
  tooManyGuesses: {
    code: 454,
    enhanced: '4.7.0',
    imap: 'AUTHENTICATIONFAILED',
    words: 'Too many wrong passwords from there; wait a few minutes',
  },
  notForThisProtocol: { code: 535, enhanced: '5.7.8', imap: 'AUTHORIZATIONFAILED', words: 'This password was not made for this use' },
  accountPaused: {
    code: 550,
    enhanced: '5.7.1',
    imap: 'CONTACTADMIN',
    words: 'Sending is paused to protect this account; ask your administrator',
  },
  // What ends a session that was signed in
  accountClosedNow: { code: 421, enhanced: '4.7.13', imap: 'CONTACTADMIN', words: 'This account was closed; ask your administrator' },
  passwordWithdrawn: {
    code: 421,
    enhanced: '4.7.8',
    imap: 'EXPIRED',
    words: 'The password you signed in with was changed or withdrawn; sign in with the new one',
  },
  sendingPausedNow: {
    code: 421,
    enhanced: '4.7.1',
    imap: 'CONTACTADMIN',
    words: 'Sending was paused to protect this account; ask your administrator',
  },
  // Mailboxes
  mailboxExists: { code: 550, enhanced: '5.0.0', imap: 'ALREADYEXISTS', words: 'A mailbox of that name is there already' },
  mailboxGone: { code: 550, enhanced: '5.0.0', imap: 'NONEXISTENT', words: 'There is no mailbox of that name' },
  mailboxHasChildren: { code: 550, enhanced: '5.0.0', imap: 'HASCHILDREN', words: 'That mailbox still has mailboxes in it' },
  mailboxHasEmail: { code: 550, enhanced: '5.0.0', imap: 'CANNOT', words: 'That mailbox still has messages in it' },
  mailboxFixed: { code: 550, enhanced: '5.0.0', imap: 'CANNOT', words: 'That mailbox cannot be renamed or removed' },
  mailboxUseTaken: { code: 550, enhanced: '5.0.0', imap: 'USEATTR', words: 'Another mailbox has that use already' },
  badMailboxName: { code: 550, enhanced: '5.0.0', imap: 'CANNOT', words: 'A mailbox cannot have that name' },
  tooManyMailboxes: { code: 550, enhanced: '5.0.0', imap: 'LIMIT', words: 'There are too many mailboxes' },
  tooManyKeywords: { code: 550, enhanced: '5.0.0', imap: 'LIMIT', words: 'There are too many keywords, or one is too long' },
  overQuota: { code: 552, enhanced: '5.2.2', imap: 'OVERQUOTA', words: 'There is no room left in this account' },
  // Administration
  nameTaken: { code: 550, enhanced: '5.0.0', imap: null, words: 'That name or address is taken already' },
  notFound: { code: 550, enhanced: '5.0.0', imap: 'NONEXISTENT', words: 'There is no such thing' },
  notAllowed: { code: 550, enhanced: '5.7.1', imap: 'NOPERM', words: 'That is not allowed' },
  badValue: { code: 501, enhanced: '5.5.4', imap: 'CLIENTBUG', words: 'That value cannot be used' },
  weakPassword: { code: 501, enhanced: '5.7.0', imap: null, words: 'That password is too easy to guess' },
} as const satisfies Readonly<Record<string, Row>>;

export type RefusalName = keyof typeof REFUSALS;
