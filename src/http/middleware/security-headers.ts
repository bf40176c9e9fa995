import type { MiddlewareHandler } from "hono";

/** By name, in lower case. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

const ENTRIES = Object.entries(SECURITY_HEADERS);

/**
 * What every response says to browsers and caches: it is what its content type says, it is nobody's to
 * keep unless its route says for how long, and it is no page.
 */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  // Before the response is made: to change one that is there, a whole one has to be made of it.
  for (const [name, value] of ENTRIES) context.header(name, value);
  await next();
  const { headers } = context.res;
  for (const [name, value] of ENTRIES) if (!headers.has(name)) headers.set(name, value);
};
