/** The files that a config names, opened and judged beforehand: what would stop the server at its start, and what will trouble people. */
import { existsSync } from 'node:fs';
import { allExpiredAt, readAuthorities } from './authorities.ts';
import type { Config } from './config.ts';
import { findRootKey, mayMakeKey } from './root-key.ts';
import type { SchemaFault } from './schema-faults.ts';
import { readTlsFiles } from './tls-files.ts';

export type Judged = Readonly<{ faults: readonly SchemaFault[]; warnings: readonly SchemaFault[] }>;

export type JudgeAsk = Readonly<{
  /** systemd's $CREDENTIALS_DIRECTORY. */
  credentials: string | undefined;
  /** The config says where the root key is. */
  namesRootKey: boolean;
  /** ms. */
  now: number;
}>;

export function judgeFiles(config: Config, ask: JudgeAsk): Judged {
  const root = judgeRootKey(config, ask);
  const pair = config.tls === null ? undefined : readTlsFiles(config.tls, ask.now);
  return {
    faults: [...root.faults, ...(pair === undefined || pair.ok ? [] : pair.faults)],
    warnings: [...root.warnings, ...(pair?.ok === true ? pair.warnings : []), ...judgeAuthority(config, ask.now)],
  };
}

/** That it can be read at all was seen when the config was (meaning.ts). */
function judgeAuthority({ smarthost }: Config, now: number): readonly SchemaFault[] {
  const read = smarthost === null || smarthost.ca === null ? undefined : readAuthorities(smarthost.ca.caFile);
  const ended = read?.ok === true ? allExpiredAt(read, now) : undefined;
  if (smarthost?.ca === undefined || smarthost.ca === null || ended === undefined) return [];
  const what = `The authority in ${smarthost.ca.caFile} expired on ${ended}: the smarthost is not believed, and mail waits.`;
  return [{ path: ['smarthost', 'ca_file'], what, remedy: 'Take the new one from whoever runs it, and restart the server.' }];
}

function judgeRootKey({ rootKeyFile: file, data }: Config, { credentials, namesRootKey }: JudgeAsk): Judged {
  const found = findRootKey({ file, data, credentials, mayMake: mayMakeKey(data) });
  if (found === 'absent' || found.ok) return { faults: [], warnings: [] };
  const fault = { path: ['root_key_file'], what: found.what, remedy: found.remedy };
  // Somebody may ask from a terminal about a server to which systemd hands the key.
  const isHandedOver = !namesRootKey && credentials === undefined && !existsSync(file);
  if (!isHandedOver) return { faults: [fault], warnings: [] };
  return { faults: [], warnings: [{ ...fault, remedy: `${fault.remedy} Where systemd hands it over (LoadCredential), all is well.` }] };
}
