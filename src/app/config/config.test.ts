import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Config, type ConfigFault, faultText, isFaulty } from './config.ts';
import { explainAll } from './explain.ts';
import { KeyLines } from './key-lines.ts';
import { defaultConfig, loadConfig } from './load.ts';
import { loadRootKey } from './root-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'eigenpost-config-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function loaded(toml: string, environment: Record<string, string> = {}): Config | readonly ConfigFault[] {
  const file = join(folder, `${++files}.toml`);
  writeFileSync(file, toml);
  return loadConfig(file, { environment, machine: 'box' });
}

function good(toml: string, environment: Record<string, string> = {}): Config {
  const config = loaded(toml, environment);
  if (isFaulty(config)) assert.fail(config.map(faultText).join('\n'));
  return config;
}

function bad(toml: string, environment: Record<string, string> = {}): readonly ConfigFault[] {
  const config = loaded(toml, environment);
  if (!isFaulty(config)) assert.fail('nothing was found wrong');
  return config;
}

const cases = join(import.meta.dirname, 'testdata/bad');
for (const name of readdirSync(cases)) {
  test(`a wrong config gets its sentences: ${name}`, () => {
    const config = loadConfig(join(cases, name, 'eigenpost.toml'), { environment: {}, machine: 'box' });
    assert.ok(isFaulty(config));
    const said = config.map((fault) => `${faultText(fault).replaceAll(`${join(cases, name)}/`, '')}\n`).join('');
    const golden = join(cases, name, 'faults.txt');
    if (process.env['EIGENPOST_GOLDEN_WRITE'] === '1') writeFileSync(golden, said);
    assert.equal(said, readFileSync(golden, 'utf8'));
  });
}

test('a whole config', () => {
  writeFileSync(join(folder, 'secret'), 'hunter2 \nsecond line\n');
  const config = good(`
host_name = "Mail.Example.ORG."
data = "store"
root_key_file = "keys/root"
[tls]
certificate_file = "cert.pem"
key_file = "/etc/key.pem"
[resolver]
address = "127.0.0.53"
[limits]
message_size = 1000000
minimum_password = 8
[[listen]]
protocol = "imap"
host = "::1"
port = 0
sign_in_without_tls = true
[[relay]]
domain = "bücher.example"
to = "[2001:db8::1]:2525"
[[relay]]
domain = "sink.example"
to = "discard"
[smarthost]
host = "smtp.example.net"
user = "school"
password_file = "secret"
[retry]
minutes = [5, 10]
give_up_hours = 24
[source]
ipv4 = "192.0.2.1"
`);
  assert.deepEqual(
    { ...config, file: null },
    {
      file: null,
      hostName: 'mail.example.org',
      data: join(folder, 'store'),
      rootKeyFile: join(folder, 'keys/root'),
      listeners: [{ protocol: 'imap', host: '::1', port: 0, signInWithoutTls: true }],
      tls: { certificateFile: join(folder, 'cert.pem'), keyFile: '/etc/key.pem' },
      resolver: { address: '127.0.0.53', port: 53 },
      limits: { messageBytes: 1_000_000, connections: 10_000, connectionsPerAddress: 100, minimumPassword: 8 },
      relays: [
        { domain: 'xn--bcher-kva.example', route: { to: 'fixed', host: '2001:db8::1', port: 2525 } },
        { domain: 'sink.example', route: { to: 'discard' } },
      ],
      smarthost: {
        host: 'smtp.example.net',
        port: 587,
        tls: 'required',
        auth: { user: 'school', password: 'hunter2 ', passwordFile: join(folder, 'secret') },
        ca: null,
      },
      retry: { minutes: [5, 10], delayNoticeMs: 3_600_000, giveUpMs: 86_400_000 },
      outbound: { mxPort: 25, privateAddresses: false },
      source: { 4: '192.0.2.1' },
      warnings: [],
    },
  );
});

test('the defaults say what the schema says', () => {
  const config = defaultConfig('/srv/post', 'mail.example.org');
  assert.equal(config.rootKeyFile, '/srv/post.key');
  assert.deepEqual(
    config.listeners.map(({ protocol, port }) => `${protocol} ${port}`),
    ['smtp 25', 'submissions 465', 'submission 587', 'imaps 993', 'https 443'],
  );
  const stated = new Map(explainAll().map((setting) => [setting.key, setting.default]));
  assert.equal(stated.get('limits.message_size'), config.limits.messageBytes);
  assert.equal(stated.get('limits.connections'), config.limits.connections);
  assert.equal(stated.get('limits.connections_per_address'), config.limits.connectionsPerAddress);
  assert.equal(stated.get('limits.minimum_password'), config.limits.minimumPassword);
  assert.deepEqual(stated.get('retry.minutes'), config.retry.minutes);
  assert.equal(Number(stated.get('retry.give_up_hours')) * 3_600_000, config.retry.giveUpMs);
  assert.equal(good('host_name = "a.example"').data, stated.get('data'));
});

test('every setting is explained', () => {
  for (const { key, description, type } of explainAll()) assert.ok(description.endsWith('.') && type !== '', key);
  assert.deepEqual(
    explainAll('resolver').map(({ key }) => key),
    ['resolver', 'resolver.address', 'resolver.port'],
  );
  assert.ok(explainAll('listen').some(({ key }) => key === 'listen[].port'));
  assert.deepEqual(explainAll('nothing'), []);
});

test('the environment overrides the file, and is held to the same schema', () => {
  const toml = 'host_name = "a.example"\n[[listen]]\nprotocol = "smtp"\nport = 25\n';
  const config = good(toml, {
    EIGENPOST_HOST_NAME: 'b.example',
    EIGENPOST_LISTEN__0__PORT: '2525',
    EIGENPOST_LISTEN__1__PROTOCOL: 'imap',
    EIGENPOST_LISTEN__1__PORT: '1143',
    EIGENPOST_LISTEN__1__HOST: '127.0.0.1',
    EIGENPOST_LISTEN__1__SIGN_IN_WITHOUT_TLS: 'true',
    EIGENPOST_RETRY__MINUTES: '1, 2,3',
    EIGENPOST_SERVICE_HOST: '10.0.0.1',
    EIGENPOST_PORT_25_TCP_ADDR: '10.0.0.1',
    HOME: '/root',
  });
  assert.equal(config.hostName, 'b.example');
  assert.deepEqual(
    config.listeners.map(({ port, host, signInWithoutTls }) => [port, host, signInWithoutTls]),
    [
      [2525, '::', false],
      [1143, '127.0.0.1', true],
    ],
  );
  assert.deepEqual(config.retry.minutes, [1, 2, 3]);
  const [wrong] = bad(toml, { EIGENPOST_LISTEN__0__PORT: 'mail' });
  assert.deepEqual([wrong?.where, wrong?.line, wrong?.key], ['EIGENPOST_LISTEN__0__PORT', null, 'listen[0].port']);
  const [unknown] = bad(toml, { EIGENPOST_LIMITS__CONECTIONS: '5' });
  assert.ok(unknown?.where === 'EIGENPOST_LIMITS__CONECTIONS' && unknown.remedy === 'Did you mean "connections"?');
  assert.ok(bad(toml, { EIGENPOST_LISTEN__9999__PORT: '1' }).length === 1);
  // A hole in a list is said, not crashed on.
  assert.ok(bad(toml, { EIGENPOST_LISTEN__5__PORT: '1' }).length > 0);
  assert.ok(bad(toml, { EIGENPOST___PROTO____X: '1' }).length > 0);
});

test('a number in quotes is shown without them, and else what would be usual', () => {
  const remedy = (port: string): string | undefined =>
    bad(`host_name = "a.example"\n[[listen]]\nprotocol = "smtp"\nport = ${port}\n`)[0]?.remedy;
  assert.equal(remedy('"25"'), 'Write it without quotes: port = 25.');
  assert.equal(remedy('" 25 "'), 'Write it without quotes: port = 25.');
  // What would be wrong again is not advised.
  for (const wrong of ['"70000"', '"mail"', '"2.5"', '2.5', '["25"]']) assert.equal(remedy(wrong), 'Write it without quotes: port = 25.');
  const limits = (line: string): string | undefined => bad(`host_name = "a.example"\n[limits]\n${line}\n`)[0]?.remedy;
  assert.equal(limits('connections = "50"'), 'Write it without quotes: connections = 50.');
  assert.equal(limits('connections = "0"'), 'Write it without quotes: connections = 10000.');
});

test('no file, a folder for a file, and a file without end', () => {
  for (const [path, what] of [
    [join(folder, 'absent.toml'), /cannot be read \(ENOENT\)/],
    [folder, /cannot be read \(EISDIR\)/],
  ] as const) {
    const config = loadConfig(path, { environment: {} });
    assert.ok(isFaulty(config) && what.test(faultText(config[0] ?? assert.fail())));
  }
  assert.match(faultText(bad(`# ${'x'.repeat(1_100_000)}`)[0] ?? assert.fail()), /too long/);
});

test('lines are found through comments, strings over many lines, and inline tables', () => {
  const lines = new KeyLines('# c\na = """\nb = 1\n[x]\n"""\n\n[ t . u ]\n"k" = 1\n[[l]]\nq = { r = 1 }\n[[l]]\nq.r = 2\n');
  assert.deepEqual([lines.of(['a']), lines.of(['b']), lines.of(['x']), lines.of(['t', 'u', 'k'])], [2, null, null, 8]);
  assert.deepEqual(
    [lines.of(['l', 0, 'q', 'r']), lines.of(['l', 1, 'q', 'r']), lines.of(['l', 1, 'zz']), lines.of(['l'])],
    [10, 12, 11, 9],
  );
});

test('the root key is made once, durable and private', () => {
  const data = join(folder, 'k1');
  const file = join(folder, 'deep/er/root.key');
  const made = loadRootKey({ file, data, mayMake: true });
  assert.ok(made.ok && made.isNew && made.key.length === 32);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const again = loadRootKey({ file, data, mayMake: false });
  assert.ok(again.ok && !again.isNew && Buffer.compare(again.key, made.key) === 0);
});

test('a root key in the wrong place, hands or size is refused with a sentence', () => {
  const data = join(folder, 'k2');
  mkdirSync(data);
  const why = (file: string, more: { credentials?: string } = {}): string => {
    const result = loadRootKey({ file, data, mayMake: false, ...more });
    return result.ok ? '' : `${result.what} ${result.remedy}`;
  };
  assert.match(why(join(data, 'root.key')), /inside the data folder/);
  const link = join(folder, 'link');
  symlinkSync(data, link);
  assert.match(why(join(link, 'root.key')), /inside the data folder/);
  assert.ok(!existsSync(join(data, 'root.key')));
  const file = join(folder, 'k2.key');
  assert.match(why(file), /is not there, but the data folder/);
  writeFileSync(file, Buffer.alloc(32), { mode: 0o600 });
  assert.equal(why(file), '');
  chmodSync(file, 0o640);
  assert.match(why(file), /can be read by others \(mode 640\). Run: chmod 600/);
  assert.equal(why(file, { credentials: folder }), '');
  chmodSync(file, 0o600);
  writeFileSync(file, 'short');
  assert.match(why(file), /should have 32 bytes and has 5/);
  assert.match(why(folder), /is not a file/);
});

test('a credential of systemd goes first', () => {
  const credentials = join(folder, 'cred');
  mkdirSync(credentials);
  assert.equal(good('host_name = "a.example"', { CREDENTIALS_DIRECTORY: credentials }).rootKeyFile, '/var/lib/eigenpost.key');
  writeFileSync(join(credentials, 'root.key'), Buffer.alloc(32));
  assert.equal(good('host_name = "a.example"', { CREDENTIALS_DIRECTORY: credentials }).rootKeyFile, join(credentials, 'root.key'));
  assert.equal(good('host_name = "a.example"\nroot_key_file = "/x/y"', { CREDENTIALS_DIRECTORY: credentials }).rootKeyFile, '/x/y');
});
