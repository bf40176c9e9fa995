import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Accounts } from "../accounts/accounts.ts";
import type { Logger } from "../accounts/logger.ts";

/** What the routes are put together from. */
export interface HttpParts {
  readonly accounts: Accounts;
  readonly logger: Logger;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** The application that routes are mounted on. */
export type App = OpenAPIHono;
