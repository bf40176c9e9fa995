import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { BrokenOffError } from "../broken-off.ts";
import type { HttpParts } from "../parts.ts";

/**
 * Logs each request by its route, never by its address or headers: people put tokens into query strings,
 * and passwords into the wrong field.
 */
export function logRequests({ logger, now }: Pick<HttpParts, "logger" | "now">): MiddlewareHandler {
  return async (context, next) => {
    const start = now();
    await next();
    const path = routePath(context, -1);
    logger.info(
      {
        method: context.req.method,
        route: path.includes("*") ? null : path,
        status: context.res.status,
        duration_ms: Math.round(now() - start),
        ...(context.error instanceof BrokenOffError ? { aborted: true } : {}),
      },
      "request",
    );
  };
}
