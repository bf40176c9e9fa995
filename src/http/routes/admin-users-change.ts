import { createRoute, z } from "@hono/zod-openapi";
import type { Acting } from "../../accounts/admin/acting.ts";
import type { AdminUser } from "../../accounts/admin/admin-user.ts";
import type { Administration } from "../../accounts/admin/administration.ts";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR, adminUserSchema, idParameter } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

interface Change {
  readonly verb: string;
  readonly summary: string;
  readonly run: (administration: Administration, userId: string, acting: Acting) => Promise<AdminUser>;
}

const CHANGES: readonly Change[] = [
  {
    verb: "promote",
    summary: "Make a user an administrator",
    run: ({ setAdmin }, userId, acting) => setAdmin(userId, true, acting),
  },
  {
    verb: "demote",
    summary: "Make an administrator a plain user, at once",
    run: ({ setAdmin }, userId, acting) => setAdmin(userId, false, acting),
  },
  {
    verb: "disable",
    summary: "Keep a user from signing in, and end all their sessions",
    run: ({ disableUser }, userId, acting) => disableUser(userId, acting),
  },
  {
    verb: "enable",
    summary: "Let a disabled user sign in again",
    run: ({ enableUser }, userId, acting) => enableUser(userId, acting),
  },
];

/** `POST /admin/users/{id}/promote`, `demote`, `disable`, `enable` (A3, C12). Each is repeatable. */
export function mountAdminUsersChange(app: App, { access, administration }: AdminRouteParts): void {
  for (const { verb, summary, run } of CHANGES) {
    const route = createRoute({
      method: "post",
      path: `/admin/users/{id}/${verb}`,
      summary,
      security: ADMINISTRATOR,
      request: { params: idParameter },
      responses: {
        200: json("The user, as they are now.", z.object({ user: adminUserSchema })),
        ...problems(401, 403, 404, 409, 413, 429, 503),
      },
    });
    app.openapi(route, async (context) => {
      const acting = await access.administrator(context);
      const { id } = context.req.valid("param");
      return context.json({ user: await run(administration, id, acting) }, 200);
    });
  }
}
