/**
 * What the machine says by itself, without asking anyone. `code` and text as
 * they stand in RFC 5321 §4.2.2, with the enhanced status of RFC 3463 in front
 * (RFC 2034) except where that is not allowed: greetings, EHLO and 3xx.
 */
export type ServerReply = Readonly<{ code: number; text: string }>;

export const REPLIES = {
  ok: { code: 250, text: '2.0.0 OK' },
  senderOk: { code: 250, text: '2.1.0 Sender OK' },
  recipientOk: { code: 250, text: '2.1.5 Recipient OK' },
  sendContent: { code: 354, text: 'Send the message, end with a dot on a line of its own' },
  messageOk: { code: 250, text: '2.0.0 Message taken' },
  goodbye: { code: 221, text: '2.0.0 Goodbye' },
  startTls: { code: 220, text: '2.0.0 Ready to start TLS' },
  signedIn: { code: 235, text: '2.7.0 You are signed in' },
  // RFC 5321 §3.5.3: neither yes nor no, so that addresses cannot be harvested.
  cannotVerify: { code: 252, text: '2.5.0 Send a message to find out' },
  help: { code: 214, text: '2.0.0 See RFC 5321 for what may be said here' },

  unknownCommand: { code: 500, text: '5.5.1 That command is not known here' },
  notOffered: { code: 502, text: '5.5.1 That command is not offered here' },
  helloFirst: { code: 503, text: '5.5.1 Say EHLO first' },
  notNow: { code: 503, text: '5.5.1 That command is out of order' },
  noRecipients: { code: 554, text: '5.5.1 No recipient was taken' },
  nestedMail: { code: 503, text: '5.5.1 The sender has been named already' },
  binaryNeedsBdat: { code: 503, text: '5.5.1 BODY=BINARYMIME goes with BDAT only' },
  resetFirst: { code: 503, text: '5.5.1 A chunk was refused; say RSET first' },
  tlsOn: { code: 503, text: '5.5.1 TLS is on already' },
  signedInAlready: { code: 503, text: '5.5.1 You are signed in already' },
  tlsFirst: { code: 530, text: '5.7.0 Start TLS first' },
  unknownMechanism: { code: 504, text: '5.5.4 That mechanism is not offered here' },
  signInCancelled: { code: 501, text: '5.7.0 The sign-in was cancelled' },
  badBase64: { code: 501, text: '5.5.2 That is not base64' },
  senderNotAscii: { code: 550, text: '5.6.7 That sender address needs SMTPUTF8' },
  recipientNotAscii: { code: 553, text: '5.6.7 That recipient address needs SMTPUTF8' },
  tooBig: { code: 552, text: '5.3.4 The message is larger than we take' },
  tooManyRecipients: { code: 452, text: '4.5.3 Too many recipients; send the rest in another message' },

  lineTooLong: { code: 500, text: '5.5.6 The line is too long' },
  badLine: { code: 500, text: '5.5.2 Lines end in CRLF and hold no control characters' },
  badContentLine: { code: 550, text: '5.6.11 Lines end in CRLF: a bare CR or LF was found in the message' },
  contentLineTooLong: { code: 554, text: '5.6.0 A line of the message is too long' },
  notSmtp: { code: 500, text: '5.5.1 This is a mail server' },
  badChunk: { code: 501, text: '5.5.4 The form is BDAT octets [LAST]' },
  tooManyErrors: { code: 421, text: '4.7.0 Too many errors; goodbye' },
  tooMuchChatter: { code: 421, text: '4.7.0 Too many commands without a message; goodbye' },
  tooManyMessages: { code: 421, text: '4.7.0 Enough for one connection; please connect again' },
  tooManyGuesses: { code: 421, text: '4.7.0 Too many failed sign-ins; goodbye' },
} as const satisfies Readonly<Record<string, ServerReply>>;
