import type pg from "pg";
import { holds } from "./draw.ts";
import type { Point } from "./points.ts";
import { connectTo, type Database } from "./site.ts";

/** Locks that hold a statement up in its midst: a transaction somebody has left open. */
export class Holder {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** A writer and a report hold up every strong lock and every concurrent build; a record, what ends with it. */
  static async before(point: Point, { superuserUrl }: Database): Promise<Holder> {
    const client = await connectTo(superuserUrl);
    const record = "LOCK TABLE authgraft.provenance IN SHARE MODE";
    const writer = "UPDATE users SET username = username WHERE id = (SELECT id FROM users LIMIT 1)";
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ; ${holds(point) === "record" ? record : writer}`,
    );
    return new Holder(client);
  }

  async letGo(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
