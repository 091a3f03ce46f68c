/** The mechanisms we speak, strongest first. A new one is a file and a line here; SMTP and IMAP offer what this list says. */
import { DEFAULT_BINDING, type SaslContext, type SaslExchange } from './exchange.ts';
import { LoginExchange, PlainExchange } from './password.ts';
import { ScramExchange } from './scram.ts';

export type Mechanism = Readonly<{
  /** As in EHLO and CAPABILITY. */
  name: string;
  /** Only where the TLS connection has a channel binding. */
  needsBinding: boolean;
  begin(context: SaslContext): SaslExchange;
}>;

const MECHANISMS: readonly Mechanism[] = [
  { name: 'SCRAM-SHA-256-PLUS', needsBinding: true, begin: (context) => new ScramExchange(context, true) },
  { name: 'SCRAM-SHA-256', needsBinding: false, begin: (context) => new ScramExchange(context, false) },
  { name: 'PLAIN', needsBinding: false, begin: () => new PlainExchange() },
  { name: 'LOGIN', needsBinding: false, begin: () => new LoginExchange() },
];

/** What may be offered on a connection under TLS. SECURITY: without TLS nothing is; callers do not ask. */
export function mechanismNames(channelBinding: SaslContext['channelBinding']): readonly string[] {
  const hasBinding = channelBinding(DEFAULT_BINDING) !== undefined;
  return MECHANISMS.filter(({ needsBinding }) => hasBinding || !needsBinding).map(({ name }) => name);
}

/** Begins a sign-in; undefined for a mechanism we do not speak here. Names are compared in upper case. */
export function beginSasl(name: string, context: SaslContext): SaslExchange | undefined {
  const mechanism = MECHANISMS.find((one) => one.name === name.toUpperCase());
  if (mechanism === undefined) return undefined;
  return mechanism.needsBinding && context.channelBinding(DEFAULT_BINDING) === undefined ? undefined : mechanism.begin(context);
}
