import type { MiddlewareHandler } from "hono";

/**
 * What every response says to browsers and caches: it is what its content type says, it is nobody's to
 * keep, and it is no page.
 */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("cache-control", "no-store");
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
  context.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
};
