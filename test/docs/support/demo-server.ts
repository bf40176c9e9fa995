import { type RunningServer, serve } from "../../../src/cli/serve.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { up } from "../../../src/migration/up.ts";
import { TEST_SECRET } from "../../support/auth.ts";

/** The key of the operator, who is not in the demo. */
export const DEMO_ADMIN_KEY = "only-for-tests-0123456789-abcdefghij";

/** Grafts a database and serves it, as the demo does, on a free port and without a log. */
export async function startDemoServer(databaseUrl: string): Promise<RunningServer> {
  await up({ databaseUrl });
  return serve({
    databaseUrl,
    secret: TEST_SECRET,
    ...{ adminApiKey: DEMO_ADMIN_KEY, adminQueryDatabase: databaseUrl, migrationDatabase: databaseUrl },
    configuration: parseConfiguration({ port: 0, development: true }),
    logger: { info() {}, warn() {}, error() {} },
  });
}
