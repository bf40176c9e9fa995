import { createRoute, z } from "@hono/zod-openapi";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR, adminUserSchema, idParameter } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

const sessionSchema = z
  .object({
    id: z.string(),
    created_at: z.string(),
    last_used_at: z.string(),
    expires_at: z.string(),
    user_agent: z.string().nullable(),
    address: z.string().nullable(),
  })
  .openapi("SessionOfUser");

/** `GET /admin/users/{id}`: a user, and where they are signed in. */
export function mountAdminUsersRead(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "get",
    path: "/admin/users/{id}",
    summary: "A user, and where they are signed in",
    security: ADMINISTRATOR,
    request: { params: idParameter },
    responses: {
      200: json("The user.", z.object({ user: adminUserSchema, sessions: z.array(sessionSchema) })),
      ...problems(401, 403, 404, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await access.administrator(context);
    const { user, sessions } = await administration.readUser(context.req.valid("param").id);
    return context.json({ user, sessions: [...sessions] }, 200);
  });
}
