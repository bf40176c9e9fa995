import { createRoute } from "@hono/zod-openapi";
import { bearerToken, MissingTokenError } from "../bearer.ts";
import { clearRefreshCookie } from "../cookies.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { presentedRefresh } from "../refresh-token.ts";
import { BEARER, problems, refreshSchema } from "../schemas.ts";

/**
 * `POST /v1/auth/logout`: ends the session of the token that is presented, and no other: an access token, or
 * without one a refresh token. Repeatable.
 */
export function mountLogout(app: App, { accounts, cookies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/logout",
    summary: "Sign out: the session's tokens are refused from now on",
    security: [BEARER, {}],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema: refreshSchema } } } },
    responses: { 204: { description: "Signed out." }, ...problems(400, 401, 403, 413, 415, 422, 503) },
  });
  app.openapi(route, async (context) => {
    if (context.req.header("authorization") !== undefined) {
      await accounts.logout(bearerToken(context));
    } else {
      const presented = presentedRefresh(context, context.req.valid("json").refresh_token, cookies);
      if (presented === null) throw new MissingTokenError();
      await accounts.revokeRefreshToken(presented.token);
    }
    clearRefreshCookie(context, cookies);
    return context.body(null, 204);
  });
}
