/** The two mechanisms that send the password as it is: PLAIN (RFC 4616) and LOGIN. Only ever offered under TLS. */
import { isUtf8 } from 'node:buffer';
import { challenge, failed, LOGIN_OCTETS, PASSWORD_OCTETS, type SaslAction, type SaslExchange } from './exchange.ts';
import { saslPrep } from './saslprep.ts';

/** RFC 4616 §2: [authzid] NUL authcid NUL passwd. */
export class PlainExchange implements SaslExchange {
  receive(response: Buffer | undefined): SaslAction {
    if (response === undefined) return challenge('');
    if (!isUtf8(response)) return failed('malformed');
    const [actAs, login, password, ...more] = response.toString('utf8').split('\0');
    if (actAs === undefined || login === undefined || password === undefined || more.length > 0) return failed('malformed');
    return checkPassword(login, password, actAs);
  }

  supply(): SaslAction {
    throw new Error('PLAIN asks for no SCRAM credentials');
  }
}

/** QUIRK: LOGIN was never standardised (draft-murchison-sasl-login), but old mail programs and printers speak nothing else. */
export class LoginExchange implements SaslExchange {
  #step: 'begin' | 'name' | 'password' = 'begin';
  #login = '';

  receive(response: Buffer | undefined): SaslAction {
    if (this.#step === 'begin') {
      this.#step = 'name';
      // QUIRK: some clients send the name as an initial response.
      if (response === undefined || response.length === 0) return challenge('Username:');
    }
    if (response === undefined || !isUtf8(response)) return failed('malformed');
    if (this.#step === 'password') return checkPassword(this.#login, response.toString('utf8'), '');
    this.#login = response.toString('utf8');
    this.#step = 'password';
    return challenge('Password:');
  }

  supply(): SaslAction {
    throw new Error('LOGIN asks for no SCRAM credentials');
  }
}

/** RFC 4616 §2: names and passwords are prepared before they are compared, and neither may be empty. */
function checkPassword(login: string, password: string, actAs: string): SaslAction {
  const prepared = [saslPrep(login), saslPrep(password), saslPrep(actAs)];
  const [name, secret, other] = prepared.map((text) => (text.ok ? text.value : undefined));
  if (name === undefined || secret === undefined || other === undefined || name === '' || secret === '') return failed('malformed');
  if (Buffer.byteLength(name) > LOGIN_OCTETS || Buffer.byteLength(other) > LOGIN_OCTETS) return failed('malformed');
  if (Buffer.byteLength(secret) > PASSWORD_OCTETS) return failed('malformed');
  return { do: 'checkPassword', login: name, password: secret, actAs: other === '' || other === name ? undefined : other };
}
