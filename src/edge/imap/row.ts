/** One line of the table of commands (commands.ts): when a command may be given, how it is read, what it does. */
import { type ArgumentReader, parse } from '../../codec/imap/command-line.ts';
import type { Cursor } from '../../codec/imap/cursor.ts';
import { type Answer, bad } from './answer.ts';
import type { Client } from './client.ts';

/** RFC 9051 §3: any time, before signing in, after it, with a mailbox open. */
export type When = 'always' | 'stranger' | 'member' | 'selected';

export type Row = Readonly<{
  name: string;
  when: When;
  /** What CAPABILITY says because of this row. */
  capabilities: (client: Client) => readonly string[];
  /** Message numbers must stand still while this is answered (RFC 9051 §7.5.1). */
  holdsNumbers: boolean;
  obey(cursor: Cursor, client: Client, tag: string): Answer | Promise<Answer>;
}>;

type Plan<T> = Readonly<{
  name: string;
  when: When;
  read: ArgumentReader<T>;
  run(client: Client, value: T, tag: string): Answer | Promise<Answer>;
  capabilities?: readonly string[] | ((client: Client) => readonly string[]);
  holdsNumbers?: boolean;
}>;

export function row<T>({ name, when, read, run, capabilities = [], holdsNumbers = false }: Plan<T>): Row {
  return {
    name,
    when,
    capabilities: typeof capabilities === 'function' ? capabilities : () => capabilities,
    holdsNumbers,
    obey(cursor, client, tag) {
      const parsed = parse(cursor, read);
      return parsed.ok ? run(client, parsed.value, tag) : bad(`${parsed.why} (octet ${parsed.at})`);
    },
  };
}
