import { OpenAPIHono } from "@hono/zod-openapi";
import type { Accounts } from "../accounts/accounts.ts";
import type { Logger } from "../accounts/logger.ts";
import type { OperatorParts } from "./admin-parts.ts";
import { answerErrors } from "./answer-errors.ts";
import { limitBody } from "./middleware/limit-body.ts";
import { logRequests } from "./middleware/log-requests.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { noRoute } from "./no-route.ts";
import { mountOpenApi } from "./openapi.ts";
import type { App } from "./parts.ts";
import { mountAdminMigrations } from "./routes/admin-migrations.ts";
import { mountAdminQuery } from "./routes/admin-query.ts";
import { mountHealth } from "./routes/health.ts";
import { mountReady } from "./routes/ready.ts";
import { invalidRequest } from "./validation.ts";

/** What an operator's server is put together from: nothing that needs a graft. */
export interface OperatorAppParts extends OperatorParts {
  readonly logger: Logger;
  readonly now: () => number;
  readonly publicUrl: string;
  /** Whether the database answers. */
  readonly accounts: Pick<Accounts, "assertReady">;
}

/** The HTTP side of a server for its operator alone, on a database that may not be grafted. */
export function createOperatorApp(parts: OperatorAppParts): App {
  const app: App = new OpenAPIHono({ defaultHook: (result) => invalidRequest(result) });
  app.use(requestId, logRequests(parts), securityHeaders(parts), limitBody);
  mountHealth(app);
  mountReady(app, parts);
  mountAdminMigrations(app, parts);
  mountAdminQuery(app, parts);
  mountOpenApi(app, parts);
  app.notFound(noRoute(app));
  app.onError(answerErrors(parts));
  return app;
}
