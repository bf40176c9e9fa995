import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, json, problems, userSchema } from "../schemas.ts";

/** `GET /v1/users/me` (B8): who the token speaks for. */
export function mountCurrentUser(app: App, { accounts }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/v1/users/me",
    summary: "The user who is signed in",
    security: [BEARER],
    responses: { 200: json("The user.", z.object({ user: userSchema })), ...problems(401, 503) },
  });
  app.openapi(route, async (context) => {
    const { user } = await accounts.authenticate(bearerToken(context));
    return context.json({ user }, 200);
  });
}
