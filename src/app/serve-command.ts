/** `eigenpost serve --config FILE`: starts the server, says where it listens, and stops when told. */
import { parseArgs } from 'node:util';
import { type Log, openLog } from '../adapter/log/json.ts';
import { systemDice } from '../adapter/system/dice.ts';
import { some } from '../lib/some.ts';
import { usualConfig } from './cli/locate.ts';
import { faultText, isFaulty } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { type ReloadingOffer, openCertificate } from './certificate.ts';
import { startServer } from './serve.ts';
import { onReload, untilStopped } from './shutdown.ts';
import { StartFault } from './start-fault.ts';

/** What a load balancer or systemd allows before it kills (design/ux.md §3). */
const GRACE_MS = 60_000;

const USAGE = `Usage: eigenpost serve [--config FILE] [--data DIR] [--json]

Runs the mail server until it is told to stop (SIGTERM or Ctrl-C). SIGHUP
reads the certificate files again. Without --config: $EIGENPOST_CONFIG,
./eigenpost.toml or /etc/eigenpost/eigenpost.toml.
Example: eigenpost serve --config /etc/eigenpost/eigenpost.toml
What may stand in the file: eigenpost config explain
`;

const say = (line: string): void => void process.stderr.write(`eigenpost: ${line}\n`);

type Options = Readonly<{ config: string | null; data: string | undefined; json: boolean }>;

function optionsOf(args: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    return values.help === true ? undefined : { config: values.config ?? null, data: values.data, json: values.json ?? false };
  } catch {
    return undefined;
  }
}

/** @returns the exit code: 0 stopped as asked, 1 could not run, 2 wrongly asked */
export async function run(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const config = loadConfig(options.config ?? usualConfig({ env: process.env }, undefined) ?? null, {
    opensFiles: true,
    ...some({ data: options.data }),
  });
  if (isFaulty(config)) {
    for (const fault of config) say(faultText(fault));
    return 2;
  }
  const log = openLog('info');
  for (const warning of config.warnings) log.warn({ event: 'config', warning: faultText(warning) }, 'config');
  // SECURITY: the folder may have been made by somebody else, and readable; what we put in it is ours alone.
  process.umask(0o077);
  try {
    const tls = await openCertificate(config, systemDice());
    const running = await startServer(config, { log, tls });
    onReload(() => reload(tls, log));
    // Before anybody is told: whoever hears that we are ready may stop us at once.
    const stopped = untilStopped();
    const doors = running.doors.map(({ protocol, host, port }) => ({ protocol, host, port }));
    log.info({ event: 'ready', hostName: config.hostName, data: config.data, doors, certificate: tls.fingerprint() }, 'ready');
    if (options.json) process.stdout.write(`${JSON.stringify({ ready: true, data: config.data, listeners: doors })}\n`);
    const signal = await stopped;
    log.info({ event: 'stopping', signal }, 'stopping');
    await running.close(GRACE_MS);
    log.info({ event: 'stopped' }, 'stopped');
    return 0;
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    say(error.message);
    return 1;
  }
}

/** SIGHUP: new certificates without dropping a session; one that cannot be used is told of, and the old one stays. */
function reload(tls: ReloadingOffer, log: Log): void {
  try {
    tls.reload();
    log.info({ event: 'reloaded', certificate: tls.fingerprint() }, 'reloaded');
  } catch (error) {
    log.error({ event: 'not reloaded', error: error instanceof Error ? error.message : String(error) }, 'not reloaded');
  }
}
