import { createRoute, z } from "@hono/zod-openapi";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR, idParameter } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

/** `POST /admin/users/{id}/end-sessions`: signs a user out everywhere. Repeatable. */
export function mountAdminUsersEndSessions(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "post",
    path: "/admin/users/{id}/end-sessions",
    summary: "Sign a user out everywhere",
    security: ADMINISTRATOR,
    request: { params: idParameter },
    responses: {
      200: json("How many sessions went on until now.", z.object({ sessions: z.int() })),
      ...problems(401, 403, 404, 413, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const acting = await access.administrator(context);
    const sessions = await administration.endUserSessions(context.req.valid("param").id, acting);
    return context.json({ sessions }, 200);
  });
}
