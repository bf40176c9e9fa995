import type { ConfigurationInput } from "../../src/config/schema.ts";
import { up } from "../../src/migration/up.ts";
import type { TestDatabase } from "./postgres.ts";

/** Grafts a test database as its owner, the way `authgraft up` does; fails where the plan is refused. */
export async function graft(
  database: Pick<TestDatabase, "url">,
  configuration: ConfigurationInput = {},
): Promise<void> {
  const { state, refusals } = await up({ databaseUrl: database.url, configuration });
  if (state !== "applied") {
    throw new Error(`not grafted: ${refusals.map(({ code, message }) => `${code}: ${message}`).join("; ")}`);
  }
}
