/** Reads the config file and the environment: a Config, or everything that is wrong with it. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { Config, ConfigFault } from './config.ts';
import { type Environment, override } from './environment.ts';
import { judgeFiles } from './judge-files.ts';
import { KeyLines, type KeyPath, keyText } from './key-lines.ts';
import { configOf } from './meaning.ts';
import { reason } from './reason.ts';
import type { ConfigFile } from './schema.ts';
import { type SchemaFault, schemaFaults } from './schema-faults.ts';

/** Octets; a config is a page. */
const FILE_LIMIT = 1_048_576;

export type LoadOptions = Readonly<{
  environment?: Environment;
  /** The machine's own name, when `host_name` is not set. */
  machine?: string;
  /** Goes before file and environment: what the command line says. */
  data?: string;
  /** Opens the certificate, its key and the root key too, and says what would stop the server at its start. */
  opensFiles?: boolean;
}>;

/** @param path null to go without a file */
export function loadConfig(path: string | null, options: LoadOptions = {}): Config | readonly ConfigFault[] {
  const file = path === null ? null : resolve(path);
  const read = file === null ? { toml: '' } : readToml(file);
  if ('fault' in read) return [read.fault];
  const parsed = parseToml(read.toml, file ?? '');
  if ('fault' in parsed) return [parsed.fault];
  return fromTable(parsed.table, { file, toml: read.toml, options });
}

/** What the server does when nobody says anything, but for where and who it is. */
export function defaultConfig(data: string, hostName: string): Config {
  const config = loadConfig(null, { environment: {}, machine: hostName, data });
  if ('length' in config) throw new Error(`the defaults are faulty: ${config.map(({ what }) => what).join(' ')}`);
  return config;
}

type Loading = Readonly<{ file: string | null; toml: string; options: LoadOptions }>;

function fromTable(table: Readonly<Record<string, unknown>>, { file, toml, options }: Loading): Config | readonly ConfigFault[] {
  const { environment = process.env, machine = hostname(), data, opensFiles = false } = options;
  const lines = new KeyLines(toml);
  const { value, names, faults } = override(table, environment);
  if (data !== undefined) value['data'] = resolve(data);
  const place = ({ path, what, remedy }: SchemaFault): ConfigFault => {
    const name = variableOf(names, path);
    return { where: name ?? file ?? 'config', line: name === undefined ? lines.of(path) : null, key: keyText(path), what, remedy };
  };
  const wrong = [
    ...schemaFaults(value).map(place),
    ...faults.map(({ name, path, what, remedy }): ConfigFault => ({ where: name, line: null, key: keyText(path), what, remedy })),
  ];
  if (wrong.length > 0) return wrong;
  const folder = file === null ? process.cwd() : dirname(file);
  const credentials = environment['CREDENTIALS_DIRECTORY'];
  // schemaFaults found nothing, so it has this shape.
  const { config, faults: found } = configOf(value as ConfigFile, { file, folder, machine, credentials, exists: existsSync });
  const ask = { credentials, namesRootKey: value['root_key_file'] !== undefined, now: Date.now() };
  const judged = opensFiles ? judgeFiles(config, ask) : { faults: [], warnings: [] };
  // One sentence per setting: of two about the root key's place the first is enough.
  const all = [...found, ...judged.faults.filter(({ path }) => !found.some((one) => keyText(one.path) === keyText(path)))];
  return all.length > 0 ? all.map(place) : { ...config, warnings: judged.warnings.map(place) };
}

/** The variable that set this key, or what it stands in. */
function variableOf(names: ReadonlyMap<string, string>, path: KeyPath): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = names.get(path.slice(0, length).join('\0'));
    if (name !== undefined) return name;
  }
  return undefined;
}

function readToml(file: string): Readonly<{ toml: string }> | Readonly<{ fault: ConfigFault }> {
  const fault = (what: string, remedy: string) => ({ fault: { where: file, line: null, key: '', what, remedy } });
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_LIMIT) return fault('This is too long for a config file.', 'Is it another file?');
    return { toml: bytes.toString('utf8') };
  } catch (error) {
    return fault(`The config file cannot be read (${reason(error)}).`, 'Check the path, and that the user the server runs as may read it.');
  }
}

function parseToml(toml: string, file: string): Readonly<{ table: Record<string, unknown> }> | Readonly<{ fault: ConfigFault }> {
  try {
    return { table: parse(toml) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    return {
      fault: {
        where: file,
        line: error.line,
        key: '',
        what: `This is not TOML: ${why}.`,
        remedy: 'Texts stand in quotes, headings in brackets: https://toml.io.',
      },
    };
  }
}
