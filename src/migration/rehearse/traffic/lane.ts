import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../../postgres/connect.ts";
import { isConnectionFailure } from "../../../postgres/sqlstate.ts";
import type { Draw } from "./draw.ts";
import type { TrafficOptions, TrafficStatement } from "./options.ts";
import type { Recorder } from "./recorder.ts";

type Client = Awaited<ReturnType<typeof connect>>;

/** One connection of the played application, which sends one thing after another. */
export class Lane {
  readonly #options: TrafficOptions;
  readonly #draw: Draw;
  readonly #recorder: Recorder;
  #client: Client | undefined;

  constructor(options: TrafficOptions, draw: Draw, recorder: Recorder) {
    this.#options = options;
    this.#draw = draw;
    this.#recorder = recorder;
  }

  /** Connects, and sends each statement once and takes it back, so that what is prepared is, before anything counts. */
  async open(): Promise<void> {
    const client = await this.#connected();
    for (const statement of this.#options.statements) {
      await client.query("BEGIN");
      await client.query(this.#query(statement)).finally(() => client.query("ROLLBACK"));
    }
  }

  /** Sends what was due at `due`. Errors are taken down, never thrown. */
  async send(due: number): Promise<void> {
    const { transaction } = this.#options;
    if (transaction === undefined) await this.#statement(due);
    else await this.#transaction(due, transaction.statements, transaction.thinkMilliseconds);
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
  }

  async #statement(due: number): Promise<boolean> {
    const place = this.#draw.statement();
    const statement = this.#options.statements[place];
    if (statement === undefined) return false;
    return this.#timed(place, due, (client) => client.query(this.#query(statement)));
  }

  /** The first statement is counted from when the transaction was due, the others from when they are sent. */
  async #transaction(due: number, statements: number, think: number): Promise<void> {
    const commit = this.#options.statements.length;
    const begun = await this.#untimed(commit, "BEGIN");
    for (let sent = 0; begun && sent < statements; sent++) {
      const done = await this.#statement(sent === 0 ? due : performance.now());
      if (!done) return void (await this.#untimed(commit, "ROLLBACK"));
      await sleep(think / statements);
    }
    if (begun) await this.#timed(commit, performance.now(), (client) => client.query("COMMIT"));
  }

  async #untimed(place: number, sql: string): Promise<boolean> {
    return this.#attempt(place, (client) => client.query(sql));
  }

  async #timed(place: number, due: number, work: (client: Client) => Promise<unknown>): Promise<boolean> {
    const done = await this.#attempt(place, work);
    this.#recorder.sent(place, due);
    return done;
  }

  async #attempt(place: number, work: (client: Client) => Promise<unknown>): Promise<boolean> {
    try {
      await work(await this.#connected());
      return true;
    } catch (error) {
      this.#recorder.failed(place, error);
      if (isConnectionFailure(error)) await this.#forget();
      return false;
    }
  }

  async #connected(): Promise<Client> {
    const { databaseUrl, applicationName = "traffic" } = this.#options;
    this.#client ??= await connect(databaseUrl, { applicationName });
    return this.#client;
  }

  async #forget(): Promise<void> {
    await this.close();
    this.#client = undefined;
  }

  #query(statement: TrafficStatement) {
    const query = { text: statement.sql, values: this.#draw.parameters(statement) };
    return this.#options.prepared ? { ...query, name: statement.name } : query;
  }
}
