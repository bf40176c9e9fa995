import { createRoute } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import type { App, HttpParts } from "../parts.ts";
import { problems } from "../schemas.ts";
import { readToken, TOKEN_FORM } from "../token-form.ts";

/**
 * `POST /oauth/revoke` (RFC 7009): whoever has a token may revoke it. An access token is revoked alone, a refresh
 * token ends its session, and what is no token (any more) is answered like one that was.
 */
export function mountOauthRevoke(app: App, { accounts, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/oauth/revoke",
    summary: "Revoke a token (RFC 7009)",
    request: { body: TOKEN_FORM },
    responses: { 200: { description: "It is of no use now." }, ...problems(400, 413, 415, 503) },
  });
  app.openapi(route, async (context) => {
    await accounts.revokePresented(await readToken(context), callerOf(context, trustedProxies));
    return context.body(null, 200);
  });
}
