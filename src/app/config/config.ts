/** The config as the house uses it, and what is said when it is wrong. */
import type { RelayRoute } from '../../service/accounts/accounts.ts';

export type Protocol = 'smtp' | 'submission' | 'submissions' | 'imap' | 'imaps' | 'http' | 'https';
export type ListenConfig = Readonly<{ protocol: Protocol; host: string; port: number; signInWithoutTls: boolean }>;

export type SmarthostConfig = Readonly<{
  host: string;
  port: number;
  tls: 'implicit' | 'required' | 'opportunistic' | 'none';
  auth: Readonly<{ user: string; password: string; passwordFile: string }> | null;
  /** PEM. Null: the well-known authorities. */
  ca: Readonly<{ pem: string; caFile: string }> | null;
}>;

export type Config = Readonly<{
  /** Where it was read; null when all is default. */
  file: string | null;
  hostName: string;
  /** Absolute. */
  data: string;
  /** Absolute, outside `data`. */
  rootKeyFile: string;
  listeners: readonly ListenConfig[];
  tls: Readonly<{ certificateFile: string; keyFile: string }> | null;
  /** Null: the system's. */
  resolver: Readonly<{ address: string; port: number }> | null;
  limits: Readonly<{ messageBytes: number; connections: number; connectionsPerAddress: number; minimumPassword: number }>;
  relays: readonly Readonly<{ domain: string; route: RelayRoute }>[];
  smarthost: SmarthostConfig | null;
  retry: Readonly<{ minutes: readonly number[]; delayNoticeMs: number; giveUpMs: number }>;
  outbound: Readonly<{ mxPort: number; privateAddresses: boolean }>;
  /** Addresses to send from, by IP version. */
  source: Readonly<{ 4?: string; 6?: string }>;
  /** What does not stop the server, but will trouble people; found only where the files were opened (`LoadOptions.opensFiles`). */
  warnings: readonly ConfigFault[];
}>;

/** One thing that is wrong: where, what, and what to do. */
export type ConfigFault = Readonly<{
  /** A file, or the name of an environment variable. */
  where: string;
  /** 1 is the first; null where there is none to point at. */
  line: number | null;
  /** `listen[0].port`; empty for the file as a whole. */
  key: string;
  /** Ends in a full stop. */
  what: string;
  remedy: string;
}>;

export function faultText({ where, line, what, remedy }: ConfigFault): string {
  return `${where}${line === null ? '' : `:${line}`}: ${what} ${remedy}`.trimEnd();
}

export function isFaulty(config: Config | readonly ConfigFault[]): config is readonly ConfigFault[] {
  return Array.isArray(config);
}
