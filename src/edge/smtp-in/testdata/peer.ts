/** For tests: a client on a real socket, and conversations written down as `C:` and `S:` lines. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Listener } from '../../net/listener.ts';

export class Peer {
  socket: Socket | TLSSocket;
  #heard = '';
  #isOver = false;
  #wake: () => void = () => {};
  /** Pieces as they arrived. */
  pieces: string[] = [];

  static async dial(listener: Listener, secure?: { ca: string }): Promise<Peer> {
    const options = { host: '127.0.0.1', port: listener.address.port };
    const socket = secure === undefined ? connect(options) : connectTls({ ...options, ca: secure.ca, servername: 'mail.example' });
    await once(socket, secure === undefined ? 'connect' : 'secureConnect');
    return new Peer(socket);
  }

  constructor(socket: Socket | TLSSocket) {
    this.socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.pieces.push(text);
      this.#heard += text;
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  async startTls(ca: string): Promise<void> {
    this.socket.removeAllListeners();
    this.socket = connectTls({ socket: this.socket, ca, servername: 'mail.example' });
    await once(this.socket, 'secureConnect');
    this.#listen();
  }

  say(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** The next whole reply, its lines joined with LF. */
  async reply(): Promise<string> {
    for (;;) {
      const end = /^\d{3} .*\r\n/m.exec(this.#heard);
      if (end !== null) {
        const text = this.#heard.slice(0, end.index + end[0].length - 2);
        this.#heard = this.#heard.slice(text.length + 2);
        return text.replaceAll('\r\n', '\n');
      }
      if (this.#isOver) return '(closed)';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async ask(line: string): Promise<string> {
    this.say(`${line}\r\n`);
    return this.reply();
  }

  async closed(): Promise<void> {
    while (!this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Plays a script. `C: ` lines are sent, `S: ` lines must come; `…` in them
   * stands for anything. `C: \TLS` shakes hands. Lines without a mark are notes.
   */
  async play(script: string, ca = ''): Promise<void> {
    for (const line of script.split('\n').map((text) => text.trim())) {
      if (line === String.raw`C: \TLS`) await this.startTls(ca);
      else if (line === 'C:') this.say('\r\n');
      else if (line.startsWith('C: ')) this.say(`${line.slice(3)}\r\n`);
      else if (line.startsWith('S: ')) assert.match(await this.reply(), patternOf(line.slice(3)), line);
    }
  }

  leave(): void {
    this.socket.destroy();
  }
}

function patternOf(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[^]*')}$`);
}
