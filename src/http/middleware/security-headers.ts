import type { MiddlewareHandler } from "hono";

/** By name, in lower case. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/**
 * What every response says to browsers and caches: it is what its content type says, it is nobody's to
 * keep unless its route says for how long, and it is no page.
 */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    if (name !== "cache-control" || !context.res.headers.has(name)) context.header(name, value);
  }
};
