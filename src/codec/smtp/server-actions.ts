/** What the server machine asks of its session, and what it is told once. */
import type { HelloName, MailArguments, RcptArguments } from './command.ts';
import type { ContentFault } from './dot-unstuffing.ts';
import type { ServerReply } from './server-replies.table.ts';

/** Answered with `accept`, `refuse` or, for sign-ins, `challenge`. Until then input waits. */
export type Question =
  | Readonly<{ do: 'ask'; about: 'hello'; verb: 'EHLO' | 'HELO' | 'LHLO'; hello: HelloName }>
  | (Readonly<{ do: 'ask'; about: 'sender' }> & MailArguments)
  | (Readonly<{ do: 'ask'; about: 'recipient' }> & RcptArguments)
  /** May content come? After a yes, `content` actions follow; after a no the transaction is over. */
  | Readonly<{ do: 'ask'; about: 'content' }>
  /** All content has come: is the message taken? Either way the transaction is over. */
  | Readonly<{ do: 'ask'; about: 'message'; size: number }>
  | Readonly<{ do: 'ask'; about: 'signIn'; mechanism: string; initial: Buffer | undefined }>
  | Readonly<{ do: 'ask'; about: 'signInResponse'; response: Buffer }>;

export type Say = Readonly<{ do: 'say' }> & ServerReply;

export type Action =
  | Say
  | Question
  | Readonly<{ do: 'content'; bytes: Buffer }>
  /** The content so far must not be kept, and no more of it comes. The machine tells the peer at its end; the transaction is over. */
  | Readonly<{ do: 'spoil'; fault: ContentFault }>
  /** The transaction is over without a message: RSET, EHLO, QUIT. */
  | Readonly<{ do: 'forget' }>
  /** The client gave up its sign-in. */
  | Readonly<{ do: 'forgetSignIn' }>
  /** Once everything said has left: begin TLS, then call `tlsBegan`. */
  | Readonly<{ do: 'startTls' }>
  | Readonly<{ do: 'hangUp' }>;

export type ServerRules = Readonly<{
  hostName: string;
  /** Octets of a message (RFC 1870). */
  sizeLimit: number;
  /** LMTP (RFC 2033): LHLO, and one reply per recipient after the content. */
  isLmtp?: boolean;
  /** What stands behind the machine's own refusals of content, so that the peer can ask about them. */
  reference?(): string;
  /** Hears every command line; secrets are masked. */
  heard?(line: string): void;
}>;

export const say = (reply: ServerReply, text: string = reply.text): Say => ({ do: 'say', code: reply.code, text });
