import { createRoute } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, problems } from "../schemas.ts";

/** `POST /v1/auth/logout`: ends the session of the token that is presented, and no other. Repeatable. */
export function mountLogout(app: App, { accounts }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/logout",
    summary: "Sign out: the token is refused from now on",
    security: [BEARER],
    responses: { 204: { description: "Signed out." }, ...problems(401, 413, 503) },
  });
  app.openapi(route, async (context) => {
    await accounts.logout(bearerToken(context));
    return context.body(null, 204);
  });
}
