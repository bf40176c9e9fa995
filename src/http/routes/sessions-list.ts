import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, json, problems } from "../schemas.ts";

const sessionSchema = z
  .object({
    id: z.string(),
    current: z.boolean(),
    created_at: z.string(),
    last_used_at: z.string(),
    expires_at: z.string(),
    user_agent: z.string().nullable(),
    address: z.string().nullable(),
  })
  .openapi("Session");

/** `GET /v1/users/me/sessions`: where the user is signed in, the last used first. */
export function mountSessionsList(app: App, { accounts }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/v1/users/me/sessions",
    summary: "Where the user is signed in",
    security: [BEARER],
    responses: {
      200: json("The sessions.", z.object({ sessions: z.array(sessionSchema) })),
      ...problems(401, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { claims } = await accounts.authenticate(bearerToken(context));
    return context.json({ sessions: [...(await accounts.listSessions(claims))] }, 200);
  });
}
