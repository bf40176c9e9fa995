import { createRoute, z } from "@hono/zod-openapi";
import type { AdminRouteParts } from "../admin-parts.ts";
import {
  ADMINISTRATOR,
  adminUserSchema,
  flag,
  pageParameters,
  readFlag,
  readLimit,
} from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

const querySchema = z.strictObject({
  search: z.string().optional().openapi({
    description:
      "A part of the username, the email or the display name, or a whole id. Looks through all users.",
  }),
  email: z.string().optional().openapi({ description: "How the email begins. Found by an index." }),
  is_admin: flag(),
  disabled: flag(),
  has_password: flag(),
  ...pageParameters,
});

/** `GET /admin/users`: users in the order of their ids, page by page. */
export function mountAdminUsersList(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "get",
    path: "/admin/users",
    summary: "List and find users",
    security: ADMINISTRATOR,
    request: { query: querySchema },
    responses: {
      200: json(
        "The users of a page.",
        z.object({ users: z.array(adminUserSchema), next_cursor: z.string().nullable() }),
      ),
      ...problems(401, 403, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await access.administrator(context);
    const { search, email, cursor, ...query } = context.req.valid("query");
    const page = await administration.listUsers({
      ...{ search, email, cursor, limit: readLimit(query.limit) },
      isAdmin: readFlag(query.is_admin),
      disabled: readFlag(query.disabled),
      hasPassword: readFlag(query.has_password),
    });
    return context.json({ users: [...page.users], next_cursor: page.next_cursor }, 200);
  });
}
