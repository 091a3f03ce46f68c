/** `config check` on the files that a config names: whatever would stop the server at its start is said, with line and remedy. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import 'reflect-metadata';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import type { CertificatePair } from '../../../adapter/tls/profile.ts';
import { selfMadeAuthority } from '../../../adapter/tls/self-made.ts';
import { runCli } from '../main.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'ep-config-check-'));
after(() => rmSync(folder, { recursive: true }));

const TOML = `host_name = "mail.example.org"
data = "data"
root_key_file = "root.key"

[tls]
certificate_file = "cert.pem"
key_file = "key.pem"
`;

type Ran = Readonly<{ code: number; out: string; err: string }>;

async function run(...argv: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    stdin: async () => Buffer.alloc(0),
    isTerminal: false,
    env: {},
    sleep: async () => undefined,
  });
  return { code, out, err: err.replaceAll(`${folder}/`, '') };
}

const check = (...argv: readonly string[]): Promise<Ran> => run('config', 'check', join(folder, 'eigenpost.toml'), ...argv);

/** What is said of a config that will not do. */
async function said(): Promise<string> {
  const { code, out, err } = await check();
  assert.deepEqual([code, out], [1, ''], err);
  return err;
}

const issue = async (now: number, name = 'mail.example.org'): Promise<CertificatePair> => {
  const authority = await selfMadeAuthority({ name: 'test', now, serial: () => `01${randomBytes(8).toString('hex')}` });
  return authority.issue([name]);
};
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content, { mode: 0o600 });
const drop = (...names: readonly string[]): void =>
  names.forEach((name) => {
    rmSync(join(folder, name), { recursive: true, force: true });
  });

let pair: CertificatePair;
let other: CertificatePair;
before(async () => {
  [pair, other] = await Promise.all([issue(Date.now()), issue(Date.now())]);
});

beforeEach(() => {
  drop('cert.pem', 'key.pem', 'root.key', 'data');
  put('eigenpost.toml', TOML);
  put('cert.pem', pair.certificate);
  put('key.pem', pair.key);
});

test('files that fit are fine, and a root key that is not there yet is made at the first start', async () => {
  const { code, out, err } = await check();
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /eigenpost\.toml is fine\.\n$/);
  // With what people leave around it: comments, Windows lines, a key that brings its parameters.
  put('cert.pem', `# our own\r\n${pair.certificate.replaceAll('\n', '\r\n')}\r\n`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  put('key.pem', `${privateKey.export({ type: 'sec1', format: 'pem' }).toString()}${pair.key}`);
  assert.match(await said(), /:7: The key key\.pem does not belong/);
  put('key.pem', `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pair.key}`);
  assert.equal((await check()).code, 0);
  put('root.key', Buffer.alloc(32));
  assert.equal((await check()).code, 0);
  assert.deepEqual(JSON.parse((await check('--json')).out), { ok: true, file: join(folder, 'eigenpost.toml'), warnings: [] });
});

test('files that are missing, or no files, are said together, each with its line', async () => {
  drop('cert.pem', 'key.pem');
  mkdirSync(join(folder, 'key.pem'));
  const readable = 'Check the path, and that the user the server runs as may read it.';
  assert.equal(
    await said(),
    `eigenpost: eigenpost.toml:6: cert.pem cannot be read (ENOENT). ${readable}\neigenpost.toml:7: key.pem is not a file. ${readable}\n`,
  );
});

test('what has no end or never begins is not waited for', async () => {
  put('eigenpost.toml', TOML.replace('"cert.pem"', '"/dev/zero"'));
  assert.match(await said(), /:6: \/dev\/zero is not a file\./);
  put('eigenpost.toml', TOML.replace('"root.key"', '"/dev/zero"'));
  assert.match(await said(), /:3: The root key \/dev\/zero is not a file\./);
  put('eigenpost.toml', TOML);
  drop('key.pem', 'cert.pem');
  execFileSync('mkfifo', [join(folder, 'key.pem'), join(folder, 'root.key')]);
  const handle = openSync(join(folder, 'cert.pem'), 'w');
  ftruncateSync(handle, 1e12);
  closeSync(handle);
  const all = await said();
  assert.match(all, /:3: The root key root\.key is not a file\./);
  assert.match(all, /:6: cert\.pem has more than 262144 octets: it is another file\./);
  assert.match(all, /:7: key\.pem is not a file\./);
});

test('what may not be read is said', { skip: process.getuid?.() === 0 ? 'skipped: root may read everything' : false }, async () => {
  chmodSync(join(folder, 'key.pem'), 0);
  put('root.key', Buffer.alloc(32));
  chmodSync(join(folder, 'root.key'), 0);
  const all = await said();
  assert.match(all, /:7: key\.pem cannot be read \(EACCES\)\./);
  assert.match(all, /:3: The root key root\.key cannot be read \(EACCES\)\./);
});

test('a path through a file cannot be read by anybody', async () => {
  put('eigenpost.toml', TOML.replace('"root.key"', '"cert.pem/root.key"').replace('"key.pem"', '"cert.pem/key.pem"'));
  const all = await said();
  assert.match(all, /:3: The root key cert\.pem\/root\.key cannot be read \(ENOTDIR\)\. Give it to the user/);
  assert.match(all, /:7: cert\.pem\/key\.pem cannot be read \(ENOTDIR\)\./);
});

test('a certificate that is none', async () => {
  const der = new X509Certificate(pair.certificate).raw;
  for (const content of ['', 'hello\n', der, randomBytes(3_000), `\ufeff${Buffer.from(pair.certificate, 'utf8').toString('base64')}`]) {
    put('cert.pem', content);
    assert.match(await said(), /:6: cert\.pem holds no certificate in PEM\. It should have the line "-----BEGIN CERTIFICATE-----"/);
  }
  put('cert.pem', `${pair.certificate}-----BEGIN CERTIFICATE-----\nMIIBaaaa\n-----END CERTIFICATE-----\n`);
  assert.match(await said(), /:6: Certificate 3 in cert\.pem is damaged\. Take the whole file anew/);
  put('cert.pem', pair.certificate.replace('MII', 'AII'));
  assert.match(await said(), /:6: Certificate 1 in cert\.pem is damaged\./);
});

test('a key that is none, or is locked', async () => {
  for (const content of ['', 'hello\n', randomBytes(3_000)]) {
    put('key.pem', content);
    assert.match(await said(), /:7: key\.pem holds no private key in PEM\. It should have the line "-----BEGIN PRIVATE KEY-----"\.\n$/);
  }
  put('key.pem', '-----BEGIN PRIVATE KEY-----\nMIIBaaaa\n-----END PRIVATE KEY-----\n');
  assert.match(await said(), /:7: The key key\.pem is damaged\./);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const lock = { cipher: 'aes-256-cbc', passphrase: 'x', format: 'pem' } as const;
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    put('key.pem', privateKey.export({ type, ...lock }));
    assert.match(await said(), /:7: The key key\.pem is locked with a passphrase, .* openssl pkey -in OLD -out NEW/);
  }
});

test('a pair that fits, but that TLS would not take', async () => {
  cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1_024, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const weak = await X509CertificateGenerator.createSelfSigned({ name: 'CN=weak', signingAlgorithm: algorithm, keys });
  put('cert.pem', weak.toString('pem'));
  put('key.pem', KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }));
  assert.match(await said(), /:6: The certificate cert\.pem with the key key\.pem cannot be used: ee key too small\. Have one made/);
});

test('files that are swapped, or do not belong together', async () => {
  put('cert.pem', pair.key);
  put('key.pem', pair.certificate);
  const swapped = 'Are certificate_file and key_file swapped?';
  assert.equal(
    await said(),
    `eigenpost: eigenpost.toml:6: cert.pem holds a private key and no certificate. ${swapped}\neigenpost.toml:7: key.pem holds a certificate and no private key. ${swapped}\n`,
  );
  put('cert.pem', pair.certificate);
  put('key.pem', other.key);
  assert.match(await said(), /:7: The key key\.pem does not belong to the certificate cert\.pem\. Name the key it was made with/);
  const [leaf = '', chain = ''] = pair.certificate.split(/(?<=-----END CERTIFICATE-----\n)/);
  put('cert.pem', chain + leaf);
  put('key.pem', pair.key);
  assert.match(
    await said(),
    /:6: The first certificate in cert\.pem is not the one that the key key\.pem belongs to\. Put the server’s own/,
  );
});

test('an expired certificate, or one of tomorrow, is a warning', async () => {
  const expired = await issue(Date.now() - 200 * DAY_MS);
  put('cert.pem', expired.certificate);
  put('key.pem', expired.key);
  const { code, out, err } = await check();
  assert.equal(code, 0);
  assert.match(out, /is fine/);
  const day = new Date(Date.now() - 110 * DAY_MS).toISOString().slice(0, 7);
  assert.match(err, new RegExp(`^eigenpost: warning: eigenpost\\.toml:6: The certificate cert\\.pem expired on ${day}-\\d\\d: mail apps`));
  const { warnings } = JSON.parse((await check('--json', '--quiet')).out) as { warnings: readonly string[] };
  assert.equal(warnings.length, 1);
  assert.equal((await check('--quiet')).err, '');
  const early = await issue(Date.now() + 20 * DAY_MS);
  put('cert.pem', early.certificate);
  put('key.pem', early.key);
  assert.match((await check()).err, /:6: The certificate cert\.pem is not valid before .* Is the clock of this machine right\?\n$/);
});

test('the authority of a smarthost is read, and shown by the name of its file', async () => {
  const toml = (file: string): string => `${TOML}[smarthost]\nhost = "smtp.example.net"\nca_file = "${file}"\n`;
  put('eigenpost.toml', toml('ca.pem'));
  assert.match(await said(), /:10: ca\.pem cannot be read \(ENOENT\)\. Check the path/);
  put('ca.pem', pair.certificate + pair.key);
  assert.deepEqual([(await check()).code, (await check()).err], [0, '']);
  const { out } = await run('config', 'show', join(folder, 'eigenpost.toml'));
  assert.equal((JSON.parse(out) as { smarthost: { ca: string } }).smarthost.ca, join(folder, 'ca.pem'));
  assert.doesNotMatch(out, /BEGIN/);
  for (const [content, what] of [
    [pair.key, /:10: ca\.pem holds no certificate in PEM\./],
    [new X509Certificate(pair.certificate).raw, /:10: ca\.pem holds no certificate in PEM\./],
    [`${pair.certificate}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`, /:10: Certificate 3 in ca\.pem is damaged\./],
    ['x'.repeat(1_048_577), /:10: ca\.pem has more than 1048576 octets/],
  ] as const) {
    put('ca.pem', content);
    assert.match(await said(), what);
  }
  put('eigenpost.toml', toml('/dev/zero'));
  assert.match(await said(), /:10: \/dev\/zero is not a file\./);
  put('eigenpost.toml', toml('ca.pem'));
  const expired = await issue(Date.now() - 200 * DAY_MS);
  put('ca.pem', expired.certificate);
  const { code, err } = await check();
  assert.equal(code, 0);
  assert.match(err, /^eigenpost: warning: eigenpost\.toml:10: The authority in ca\.pem expired on .* and mail waits\. Take the new one/);
  put('ca.pem', expired.certificate + pair.certificate);
  assert.equal((await check()).err, '');
  drop('ca.pem');
});

test('a root key that will not do', async () => {
  for (const size of [0, 31, 33, 64]) {
    put('root.key', Buffer.alloc(size));
    assert.match(
      await said(),
      new RegExp(`^eigenpost: eigenpost\\.toml:3: The root key root\\.key should have 32 bytes and has ${size}: .* Put the right one back`),
    );
  }
  put('root.key', Buffer.alloc(32));
  chmodSync(join(folder, 'root.key'), 0o644);
  assert.match(await said(), /:3: The root key root\.key can be read by others \(mode 644\)\. Run: chmod 600 root\.key\n$/);
  drop('root.key');
  mkdirSync(join(folder, 'root.key'));
  assert.match(await said(), /:3: The root key root\.key is not a file\./);
});

test('a root key that lies in the data folder by a link, or is gone though there is mail', async () => {
  mkdirSync(join(folder, 'data'));
  symlinkSync(join(folder, 'data/inside.key'), join(folder, 'root.key'));
  assert.match(await said(), /:3: The root key root\.key is a link that leads nowhere\. Remove the link/);
  put('data/inside.key', Buffer.alloc(32));
  assert.match(await said(), /:3: The root key root\.key lies inside the data folder data: .* Move it out/);
  drop('root.key');
  assert.equal((await check()).code, 0);
  writeFileSync(join(folder, 'data/mail.db'), '');
  assert.match(await said(), /:3: The root key root\.key is not there, but the data folder data was sealed with one\. Put it back/);
  // Said once, not twice, where the name alone says it.
  put('eigenpost.toml', TOML.replace('"root.key"', '"data/root.key"'));
  assert.equal((await said()).split('inside the data folder').length, 2);
});

test('a usual place has no line to point at', async () => {
  put('eigenpost.toml', TOML.replace('root_key_file = "root.key"\n', ''));
  put('data.key', 'short');
  assert.match(await said(), /^eigenpost: eigenpost\.toml: The root key data\.key should have 32 bytes and has 5/);
  drop('data.key');
  // systemd may hand the key to the server, and not to whoever asks here.
  mkdirSync(join(folder, 'data'));
  put('data/mail.db', '');
  const { code, err } = await check();
  assert.equal(code, 0);
  assert.match(err, /^eigenpost: warning: eigenpost\.toml: The root key data\.key is not there, .* Where systemd hands it over/);
});

test('everything that is wrong is said at once, files and words', async () => {
  put('key.pem', other.key);
  put('root.key', 'short');
  put('eigenpost.toml', `${TOML}[resolver]\naddress = "dns.example.org"\n`);
  assert.deepEqual(
    (await said()).split('\n').map((line) => /toml:\d+/.exec(line)?.[0]),
    ['toml:9', 'toml:3', 'toml:7', undefined],
  );
});

test('commands that only look for the server leave the files alone', async () => {
  drop('cert.pem');
  put('root.key', 'short');
  const { err } = await run('status', '--config', join(folder, 'eigenpost.toml'));
  assert.doesNotMatch(err, /cert\.pem|root key/);
  assert.equal((await run('config', 'show', join(folder, 'eigenpost.toml'))).code, 0);
});
