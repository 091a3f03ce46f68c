/** How a command ends: the tagged line (RFC 9051 §7.1), and what the session must do after saying it. */
export type Answer = Readonly<{
  status: 'OK' | 'NO' | 'BAD';
  /** Response code, without brackets. */
  code?: string;
  text: string;
  next?: 'hangUp' | 'startTls' | 'signedIn';
}>;

export const ok = (text: string, code?: string): Answer => (code === undefined ? { status: 'OK', text } : { status: 'OK', code, text });
export const no = (text: string, code?: string): Answer => (code === undefined ? { status: 'NO', text } : { status: 'NO', code, text });
export const bad = (text: string): Answer => ({ status: 'BAD', text });

export const formatAnswer = ({ status, code, text }: Answer): string =>
  code === undefined ? `${status} ${text}` : `${status} [${code}] ${text}`;
