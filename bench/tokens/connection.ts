import { connect, type Socket } from "node:net";

/** A request. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back. */
export interface Received {
  readonly status: number;
  readonly body: string;
}

/** A connection that is kept. */
export interface Connection {
  ask(request: Sent): Promise<Received>;
  end(): void;
}

/**
 * One connection, on a bare socket: whoever measures shares the machine with what is measured, and Node.js' own
 * client costs as much as a server does.
 */
export async function openConnection(origin: string): Promise<Connection> {
  const { host, hostname, port } = new URL(origin);
  const socket = connect({ port: Number(port), host: hostname, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return { ask: (request) => ask(socket, write(host, request)), end: () => socket.destroy() };
}

function write(host: string, { method, path, headers, body = "" }: Sent): string {
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const fields = Object.entries({ host, ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body}`;
}

function ask(socket: Socket, request: string): Promise<Received> {
  return new Promise((resolve, reject) => {
    let text = "";
    const settle = () => void socket.off("data", onData).off("close", onClose);
    const onClose = () => {
      settle();
      reject(new Error(`the server hung up after ${JSON.stringify(text.slice(0, 100))}`));
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const answer = readAnswer(text);
      if (answer === null) return;
      settle();
      resolve(answer);
    };
    socket.on("data", onData).on("close", onClose);
    socket.write(request);
  });
}

/** Null while some of it is missing. */
function readAnswer(text: string): Received | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const isWhole = length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
  return isWhole ? { status: Number(head.split(" ")[1]), body } : null;
}
