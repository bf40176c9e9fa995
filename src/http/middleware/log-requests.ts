import type { MiddlewareHandler } from "hono";
import { BrokenOffError } from "../broken-off.ts";
import type { HttpParts } from "../parts.ts";
import { routeOf } from "./route-of.ts";

/**
 * Logs each request by its route, never by its address or headers: people put tokens into query strings,
 * and passwords into the wrong field.
 */
export function logRequests({ logger, now }: Pick<HttpParts, "logger" | "now">): MiddlewareHandler {
  return async (context, next) => {
    const start = now();
    await next();
    logger.info(
      {
        method: context.req.method,
        route: routeOf(context),
        status: context.res.status,
        duration_ms: Math.round(now() - start),
        request_id: context.get("requestId"),
        ...(context.error instanceof BrokenOffError ? { aborted: true } : {}),
      },
      "request",
    );
  };
}
