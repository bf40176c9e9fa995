import { createRoute, z } from "@hono/zod-openapi";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR, idParameter } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

const claimLinkSchema = z
  .object({
    user_id: z.string(),
    username: z.string().nullable(),
    link: z.string(),
    expires_at: z.string(),
  })
  .openapi("ClaimLink");

/** `POST /admin/users/{id}/claim-link` (C10): a link by which a user without a password gets one; it replaces the one before. */
export function mountAdminUsersClaimLink(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "post",
    path: "/admin/users/{id}/claim-link",
    summary: "Make a link by which a user without a password gets one",
    security: ADMINISTRATOR,
    request: { params: idParameter },
    responses: {
      200: json("The link, for that user and nobody else.", claimLinkSchema),
      ...problems(401, 403, 404, 409, 413, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const acting = await access.administrator(context);
    const { id } = context.req.valid("param");
    return context.json(await administration.makeClaimLink(id, acting), 200);
  });
}
