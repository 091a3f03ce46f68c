/** `config`: checked, shown and explained without a server. */
import { type Config, faultText, isFaulty } from '../../config/config.ts';
import { explainAll } from '../../config/explain.ts';
import { loadConfig } from '../../config/load.ts';
import { type Call, type Command, EXIT, fail, fine, type Reply, textOption } from '../command.ts';
import { usualConfig } from '../locate.ts';

function load(call: Call, opensFiles: boolean): Reply<Config> {
  const data = textOption(call, 'data');
  const file = usualConfig(call.io, call.words[0] ?? textOption(call, 'config'));
  const config = loadConfig(file ?? null, { environment: call.io.env, opensFiles, ...(data === undefined ? {} : { data }) });
  return isFaulty(config) ? fail(EXIT.failed, config.map(faultText).join('\n')) : fine(config);
}

/** SECURITY: a password is not shown, wherever it was read from. */
function withoutSecrets(config: Config): unknown {
  const { warnings: _, smarthost, ...plain } = config;
  if (smarthost === null) return { ...plain, smarthost };
  const { password: __, ...auth } = smarthost.auth ?? { password: '' };
  return { ...plain, smarthost: { ...smarthost, auth: smarthost.auth === null ? null : auth, ca: smarthost.ca?.caFile ?? null } };
}

const isDefault = ({ file }: Config): string => (file === null ? 'There is no config file; the defaults are fine.' : `${file} is fine.`);

export const configCommands: readonly Command[] = [
  {
    name: 'config check',
    usage: '[FILE]',
    summary: 'Says what is wrong with the config and the files it names, where, and what to write instead',
    example: 'eigenpost config check /etc/eigenpost/eigenpost.toml',
    words: [0, 1],
    run: (call) => {
      const config = load(call, true);
      if (!config.ok) return config;
      const { file } = config.value;
      const warnings = config.value.warnings.map(faultText);
      for (const warning of warnings) call.talk(`eigenpost: warning: ${warning}\n`);
      return fine({ json: { ok: true, file, warnings }, text: `${isDefault(config.value)}\n` });
    },
  },
  {
    name: 'config show',
    usage: '[FILE]',
    summary: 'Shows the config as the server would use it: file, environment and defaults together',
    example: 'eigenpost config show',
    words: [0, 1],
    run: (call) => {
      const config = load(call, false);
      if (!config.ok) return config;
      const shown = withoutSecrets(config.value);
      return fine({ json: shown, text: `${JSON.stringify(shown, null, 2)}\n` });
    },
  },
  {
    name: 'config explain',
    usage: '[SETTING]',
    summary: 'Explains the settings, or one of them',
    example: 'eigenpost config explain listen',
    words: [0, 1],
    run: (call) => {
      const settings = explainAll(call.words[0]);
      if (settings.length === 0) return fail(EXIT.notFound, `There is no setting "${call.words[0]}".`);
      const text = settings.map(
        ({ key, type, default: standard, description }) =>
          `${key}  (${type}${standard === null ? '' : `, ${JSON.stringify(standard)} when not set`})\n    ${description}\n`,
      );
      return fine({ json: { settings }, text: text.join('') });
    },
  },
];
