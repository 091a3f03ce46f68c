/** What one peer may ask of one connection. Each bound ends something a hostile peer could otherwise make endless. */

/** Octets per command line, CRLF included: RFC 5321 §4.5.3.1.4 asks for 512, RFC 4954 §4 for this much. */
export const LINE_OCTETS = 12_288;
/** Octets that may wait while a question is open. The session stops reading long before. */
export const INPUT_OCTETS = 1_048_576;
/** Recipients of one message, as told in LIMITS: RFC 5321 §4.5.3.1.8 asks for 100. */
export const RECIPIENTS = 1_000;
/** Recipients named since the last message, whatever became of them: a client may name all of a long list at once and send the rest later. */
export const RECIPIENTS_NAMED = 10_000;
/** MAIL commands in one connection, as told in LIMITS. */
export const MAILS = 100_000;
/** Commands that were wrong in form, order or name, in one connection. */
export const ERRORS = 20;
/** NOOP, RSET, VRFY, EHLO and their like since the last message: connection caches need a few between messages. */
export const CHATTER = 200;
/** Recipients refused since the last message, after which the peer is guessing addresses. */
export const REFUSED_RECIPIENTS = 100;
/** Failed sign-ins in one connection: a mail program tries two or three mechanisms with one password. */
export const FAILED_SIGN_INS = 5;
/** Octets of a message that is refused already, beyond the size limit, that are read so that the refusal can be heard. */
export const DISCARDED_OCTETS = 67_108_864;
