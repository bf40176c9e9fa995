import { createServer, type Server, Socket } from "node:net";
import { MessageReader, pidOf, statementText, typeOf } from "./wire.ts";

/** One question to the server: everything up to the point where it will say that it is ready again. */
export interface Turn {
  /** The server process that is asked. */
  readonly pid: number;
  readonly text: string;
}

/** Who is told of every turn, and holds it up for as long as they take. */
export interface Watcher {
  /** The client has asked; the server has not heard of it. False: it never will. */
  asked(turn: Turn): Promise<boolean>;
  /** The server has the question. */
  sent(turn: Turn): void;
  /** The server has answered and is ready; the client does not know it yet. */
  answered(turn: Turn): Promise<boolean>;
}

/** Messages that only prepare a turn. */
const PARTS_OF_TURN = new Set(["P", "B", "D", "E", "C"]);

/** Messages that end a turn's question. */
const QUESTIONS = new Set(["Q", "S"]);

/** Stands between a run and its server, so that one can strike between any two messages. */
export class Relay {
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(target: number, watcher: Watcher) {
    this.#server = createServer((client) => {
      const link = new Link(client, target, watcher);
      this.#links.add(link);
      void link.ended.then(() => this.#links.delete(link));
    });
  }

  /** Starts one in front of the server on this port of 127.0.0.1. */
  static async start(target: number, watcher: Watcher): Promise<Relay> {
    const relay = new Relay(target, watcher);
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  /** The same URL, by way of this relay. */
  url(url: string): string {
    const through = new URL(url);
    const address = this.#server.address();
    through.port = String(typeof address === "object" ? address?.port : "");
    return through.href;
  }

  /** Ends every connection and listens no longer. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.#links) link.destroy();
    await closed;
  }
}

/** One connection of a client, and the one to the server that belongs to it. */
class Link {
  /** Settles when both sides are over. */
  readonly ended: Promise<unknown>;
  readonly #client: Socket;
  readonly #server = new Socket();
  readonly #watcher: Watcher;
  readonly #named = new Map<string, string>();
  #pid = 0;
  #turn: Turn | null = null;

  constructor(client: Socket, target: number, watcher: Watcher) {
    this.#client = client;
    this.#watcher = watcher;
    for (const socket of [client, this.#server]) socket.on("error", () => undefined).setNoDelay();
    this.#server.connect(target, "127.0.0.1");
    const sides = [this.#carryQuestions(), this.#carryAnswers()];
    // Whichever side ends, by whatever cause, the other one has nobody to talk to.
    this.ended = Promise.allSettled(sides.map((side) => side.finally(() => this.destroy())));
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  async #carryQuestions(): Promise<void> {
    const reader = new MessageReader(false);
    let held: Buffer[] = [];
    let text = "";
    for await (const chunk of this.#client) {
      for (const message of reader.take(chunk as Buffer)) {
        held.push(message);
        text = statementText(message, this.#named) ?? text;
        if (PARTS_OF_TURN.has(typeOf(message))) continue;
        if (!QUESTIONS.has(typeOf(message))) this.#server.write(Buffer.concat(held));
        else if (!(await this.#ask(held, text))) return;
        held = [];
      }
    }
  }

  async #ask(question: readonly Buffer[], text: string): Promise<boolean> {
    const turn = { pid: this.#pid, text };
    if (!(await this.#watcher.asked(turn))) return false;
    this.#turn = turn;
    this.#server.write(Buffer.concat(question));
    this.#watcher.sent(turn);
    return true;
  }

  async #carryAnswers(): Promise<void> {
    const reader = new MessageReader(true);
    for await (const chunk of this.#server) {
      for (const message of reader.take(chunk as Buffer)) {
        if (typeOf(message) === "K") this.#pid = pidOf(message);
        if (typeOf(message) === "Z" && !(await this.#answer())) return;
        this.#client.write(message);
      }
    }
  }

  async #answer(): Promise<boolean> {
    const turn = this.#turn;
    this.#turn = null;
    return turn === null || this.#watcher.answered(turn);
  }
}
