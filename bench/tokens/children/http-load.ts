/** Connections that each send the same request again as soon as it is answered, for as long as they are told. */
import { connect, type Socket } from "node:net";
import { beChild } from "../child.ts";
import { type Spread, spreadOf } from "../percentiles.ts";

/** What is asked for, and how a right answer is known. */
export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Stands in the body of every right answer. */
  readonly contains: string;
}

/** What came back. */
export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly spread: Spread;
  readonly failed: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Seconds before what counts: connections are made, code is compiled. */
const WARM_UP = 1;

beChild<LoadOptions>(async (options) => ({
  run: (seconds: number) => run(options, seconds),
}));

async function run(options: LoadOptions, seconds: number): Promise<LoadResult> {
  const from = performance.now() + WARM_UP * 1_000;
  const to = from + seconds * 1_000;
  const taken: number[] = [];
  let failed = 0;
  const one = async () => {
    const connection = await open(options);
    while (performance.now() < to) {
      const begun = performance.now();
      const { status, body } = await connection.ask();
      const now = performance.now();
      if (status !== 200 || !body.includes(options.contains)) failed += 1;
      else if (now >= from && now < to) taken.push(now - begun);
    }
    connection.end();
  };
  await Promise.all(Array.from({ length: options.connections }, one));
  return { perSecond: taken.length / seconds, spread: spreadOf(taken), failed };
}

/**
 * One connection, on a bare socket: whoever measures shares the machine with what is measured, and Node.js' own
 * client costs as much as a server does.
 */
async function open({ port, path, headers }: LoadOptions) {
  const lines = [`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const request = `${lines.join("\r\n")}\r\n\r\n`;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return { ask: () => ask(socket, request), end: () => socket.destroy() };
}

function ask(socket: Socket, request: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const settle = () => {
      socket.off("data", onData);
      socket.off("close", onClose);
    };
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
function readAnswer(text: string): Answer | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const isWhole = length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
  return isWhole ? { status: Number(head.split(" ")[1]), body } : null;
}
