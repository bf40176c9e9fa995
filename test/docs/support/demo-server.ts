import { type RunningServer, serve } from "../../../src/cli/serve.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { up } from "../../../src/migration/up.ts";
import { TEST_SECRET } from "../../support/auth.ts";

/** Grafts a database and serves it, as the demo does, on a free port and without a log. */
export async function startDemoServer(databaseUrl: string): Promise<RunningServer> {
  await up({ databaseUrl });
  return serve({
    databaseUrl,
    secret: TEST_SECRET,
    configuration: parseConfiguration({ port: 0, development: true }),
    logger: { info() {}, warn() {}, error() {} },
  });
}
