import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What pages of other origins may send, beside what any page may. */
const REQUEST_HEADERS = ["Authorization", "Content-Type", "X-Request-Id"];

/** What their scripts may read of a response. */
const RESPONSE_HEADERS = ["Retry-After", "WWW-Authenticate", "X-Request-Id", "ETag"];

/** Seconds for which a browser may keep the answer to a preflight. */
const PREFLIGHT_AGE = 7_200;

/**
 * Lets pages of the configured origins read responses, with cookies. To any other origin nothing is said, which
 * browsers take for no; but caches are told that the answer would differ.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function crossOrigin(allowedOrigins: readonly string[]): MiddlewareHandler {
  const allowed: ReadonlySet<string> = new Set(allowedOrigins);
  const allow = cors({
    origin: (origin) => origin,
    credentials: true,
    allowMethods: ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: RESPONSE_HEADERS,
    maxAge: PREFLIGHT_AGE,
  });
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin !== undefined && allowed.has(origin) && isForCors(context)) return allow(context, next);
    await next();
    context.header("vary", "Origin", { append: true });
    return undefined;
  };
}

/** An OPTIONS that asks for nothing is a request like any other, which no route takes. */
function isForCors({ req }: Context): boolean {
  return req.method !== "OPTIONS" || req.header("access-control-request-method") !== undefined;
}
