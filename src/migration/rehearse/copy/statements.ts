import type { Queryable } from "../../../postgres/client.ts";
import { isConnectionFailure, sqlState } from "../../../postgres/sqlstate.ts";
import { explainError } from "../../run/explain-error.ts";
import type { LeftOutList } from "../restore/left-out-list.ts";
import { reasonOf } from "../restore/left-out-list.ts";
import type { Definition } from "./definitions/scope.ts";

/** How many statements go to the server in one message. */
const BATCH = 50;

/** Of disk, memory or connections: nothing that comes after would fare better. */
const INSUFFICIENT_RESOURCES = /^53/;

interface Failed {
  readonly definition: Definition;
  readonly error: Error;
}

/**
 * Makes objects in whatever order they need one another: what fails is tried again after the rest, pass after
 * pass, until a pass gets nothing done. PostgreSQL does not record what a function's text needs, so no order
 * could be computed.
 */
export class ObjectMaker {
  readonly #client: Queryable;
  readonly #leftOut: LeftOutList;
  /** The source's own search path, as SQL. */
  readonly #path: string;
  #failed: readonly Failed[] = [];

  constructor(client: Queryable, leftOut: LeftOutList, path: string) {
    this.#client = client;
    this.#leftOut = leftOut;
    this.#path = path;
  }

  /** Makes what can be made of these and of what failed before; the rest waits for the next call. */
  async make(definitions: readonly Definition[]): Promise<void> {
    const fresh = await this.#first(definitions);
    await this.#passes([...this.#failed, ...fresh].map(({ definition }) => definition));
  }

  /** Reports what could not be made in the end. */
  reportFailed(): void {
    for (const { definition, error } of this.#failed) this.#leftOut.add(definition, reasonOf(error));
    this.#failed = [];
  }

  async #first(definitions: readonly Definition[]): Promise<Failed[]> {
    const failed: Failed[] = [];
    for (let at = 0; at < definitions.length; at += BATCH) {
      const batch = definitions.slice(at, at + BATCH);
      // All or nothing: a message of several statements is one transaction.
      const error = await this.#run(batch.map(({ sql }) => sql).join("\n;\n"));
      if (error !== null) failed.push(...(await this.#pass(batch)));
    }
    return failed;
  }

  async #passes(definitions: readonly Definition[]): Promise<void> {
    let waiting = definitions;
    for (;;) {
      this.#failed = await this.#pass(waiting);
      if (this.#failed.length === waiting.length) this.#failed = await this.#passUnderSourcePath();
      if (this.#failed.length === 0 || this.#failed.length === waiting.length) return;
      waiting = this.#failed.map(({ definition }) => definition);
    }
  }

  /** What a function's text names without a schema is found where the application finds it. */
  async #passUnderSourcePath(): Promise<readonly Failed[]> {
    if (this.#failed.length === 0) return [];
    await this.#client.query(`SET search_path TO ${this.#path}`);
    const failed = await this.#pass(this.#failed.map(({ definition }) => definition));
    await this.#client.query("SET search_path TO pg_catalog, pg_temp");
    return failed;
  }

  async #pass(definitions: readonly Definition[]): Promise<Failed[]> {
    const failed: Failed[] = [];
    for (const definition of definitions) {
      const error = await this.#run(definition.sql);
      if (error !== null) failed.push({ definition, error });
    }
    return failed;
  }

  async #run(sql: string): Promise<Error | null> {
    try {
      await this.#client.query(sql);
      return null;
    } catch (error) {
      if (!isStatementError(error)) throw explainError(error);
      return error;
    }
  }
}

/** Whether PostgreSQL turned one statement down, and would take another. */
export function isStatementError(error: unknown): error is Error {
  const state = sqlState(error);
  return (
    error instanceof Error &&
    state !== undefined &&
    !isConnectionFailure(error) &&
    !INSUFFICIENT_RESOURCES.test(state)
  );
}
