import type { MiddlewareHandler } from "hono";

/** By name, in lower case. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Two years. Other names below this one are the application's, and may not be ready for it. */
const STRICT_TRANSPORT = "max-age=63072000";

/**
 * What every response says to browsers and caches: it is what its content type says, it is nobody's to
 * keep unless its route says for how long, and it is no page. Where the server is reached by HTTPS, by that alone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6797#section-6.1
 */
export function securityHeaders({ publicUrl }: { readonly publicUrl: string }): MiddlewareHandler {
  const isSecure = publicUrl.startsWith("https:");
  const entries = Object.entries({
    ...SECURITY_HEADERS,
    ...(isSecure ? { "strict-transport-security": STRICT_TRANSPORT } : {}),
  });
  return async (context, next) => {
    // Before the response is made: to change one that is there, a whole one has to be made of it.
    for (const [name, value] of entries) context.header(name, value);
    await next();
    const { headers } = context.res;
    for (const [name, value] of entries) if (!headers.has(name)) headers.set(name, value);
  };
}
