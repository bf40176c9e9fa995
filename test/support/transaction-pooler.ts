import { createServer, type Server, Socket } from "node:net";

/** A message of the protocol: a type and a length that counts itself, or at the start a length alone. */
function takeMessage(buffer: Buffer, typed: boolean): Buffer | null {
  const head = typed ? 1 : 0;
  if (buffer.length < head + 4) return null;
  const size = head + buffer.readInt32BE(head);
  return buffer.length < size ? null : buffer.subarray(0, size);
}

const READY = "Z".charCodeAt(0);
const TERMINATE = "X".charCodeAt(0);
const IDLE = "I".charCodeAt(0);

/**
 * A pooler in transaction mode, as PgBouncer is: a client has a server connection from its first message until
 * PostgreSQL says that it is idle again, and the connection used last is given out first.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class TransactionPooler {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #idle: ServerConnection[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(url: URL) {
    this.#target = { host: url.hostname, port: Number(url.port) };
    this.#server = createServer((client) => this.#serve(client));
  }

  /** Starts one in front of the server of this URL. */
  static async start(url: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
    const parsed = new URL(url);
    const pooler = new TransactionPooler(parsed);
    await new Promise<void>((resolve) => pooler.#server.listen(0, "127.0.0.1", resolve));
    const address = pooler.#server.address();
    parsed.port = String(typeof address === "object" ? address?.port : "");
    return { url: parsed.href, stop: () => pooler.#stop() };
  }

  async #stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A client brings a server connection to log in with, which then serves whoever comes. */
  #serve(client: Socket): void {
    let own: ServerConnection | null = this.#open(client, () => {
      if (own !== null) this.#release(own);
      own = null;
    });
    let pending: Buffer = Buffer.alloc(0);
    let typed = false;
    client.on("error", () => undefined);
    client.on("data", (data) => {
      pending = Buffer.concat([pending, data]);
      for (;;) {
        const message = takeMessage(pending, typed);
        if (message === null) return;
        pending = pending.subarray(message.length);
        typed = true;
        if (message[0] === TERMINATE && own === null) return void client.end();
        own ??= this.#acquire(client, () => {
          if (own !== null) this.#release(own);
          own = null;
        });
        own.socket.write(message);
      }
    });
    client.on("close", () => own?.socket.destroy());
    this.#sockets.add(client);
  }

  #acquire(client: Socket, onIdle: () => void): ServerConnection {
    const connection = this.#idle.pop();
    if (connection === undefined) throw new Error("the pooler has no server connection left");
    connection.serve(client, onIdle);
    return connection;
  }

  #release(connection: ServerConnection): void {
    // PgBouncer opens one only when all others are busy: here it is there already, and comes last.
    if (connection.fresh) this.#idle.unshift(connection);
    else this.#idle.push(connection);
    connection.fresh = false;
  }

  #open(client: Socket, onIdle: () => void): ServerConnection {
    const socket = new Socket();
    socket.connect(this.#target.port, this.#target.host);
    this.#sockets.add(socket);
    const connection = new ServerConnection(socket);
    connection.serve(client, onIdle);
    return connection;
  }
}

/** One connection to PostgreSQL, which serves one client at a time. */
class ServerConnection {
  readonly socket: Socket;
  fresh = true;
  #client: Socket | null = null;
  #onIdle: () => void = () => undefined;
  #pending: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (data) => this.#receive(data));
  }

  serve(client: Socket, onIdle: () => void): void {
    this.#client = client;
    this.#onIdle = onIdle;
  }

  #receive(data: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    for (;;) {
      const message = takeMessage(this.#pending, true);
      if (message === null) return;
      this.#pending = this.#pending.subarray(message.length);
      const client = this.#client;
      // Free before the client hears of it: its next message may go to another.
      if (message[0] === READY && message[5] === IDLE) this.#onIdle();
      client?.write(message);
    }
  }
}
