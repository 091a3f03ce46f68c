/** Which server is meant: --data, --config, $EIGENPOST_CONFIG, a config file in its usual places, or the usual data folder. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { controlSocketPath } from '../../edge/http/control-socket.ts';
import { faultText, isFaulty } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { AdminClient } from './client.ts';
import { EXIT, fail, fine, type Io, type Reply } from './command.ts';

const USUAL: readonly string[] = ['eigenpost.toml', '/etc/eigenpost/eigenpost.toml'];

/** Undefined when there is none. */
export function usualConfig({ env }: Pick<Io, 'env'>, given: string | undefined): string | undefined {
  return given ?? env['EIGENPOST_CONFIG'] ?? USUAL.find((file) => existsSync(file));
}

export function locate(io: Io, { data, config }: Readonly<{ data: string | undefined; config: string | undefined }>): Reply<AdminClient> {
  if (data !== undefined) return fine(new AdminClient(controlSocketPath(resolve(data))));
  const file = usualConfig(io, config);
  // The machine's name plays no part in where the data is, and must not stand in the way.
  const loaded = loadConfig(file ?? null, { environment: io.env, machine: 'localhost.localdomain' });
  if (isFaulty(loaded)) return fail(EXIT.failed, loaded.map(faultText).join('\n'));
  return fine(new AdminClient(controlSocketPath(loaded.data)));
}
