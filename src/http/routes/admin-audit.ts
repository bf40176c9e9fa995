import { createRoute, z } from "@hono/zod-openapi";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR, pageParameters, readLimit, readMoment } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

const querySchema = z.strictObject({
  event: z.string().optional().openapi({ description: "A kind of event, such as `login`." }),
  user_id: z.string().optional().openapi({ description: "Whom it was done to." }),
  actor_id: z.string().optional().openapi({ description: "The user or administrator who did it." }),
  from: z.string().optional().openapi({ format: "date-time", description: "Not before this." }),
  until: z.string().optional().openapi({ format: "date-time", description: "Before this." }),
  ...pageParameters,
});

const eventSchema = z
  .object({
    id: z.string(),
    occurred_at: z.string(),
    event: z.string(),
    result: z.string(),
    actor: z.object({ kind: z.string(), id: z.string().nullable() }),
    user_id: z.string().nullable(),
    session_id: z.string().nullable(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    detail: z.looseObject({}).nullable(),
  })
  .openapi("AuditEvent");

/** `GET /admin/audit`: who did what to whom, newest first. */
export function mountAdminAudit(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "get",
    path: "/admin/audit",
    summary: "Who did what to whom, newest first",
    security: ADMINISTRATOR,
    request: { query: querySchema },
    responses: {
      200: json(
        "The events of a page.",
        z.object({ events: z.array(eventSchema), next_cursor: z.string().nullable() }),
      ),
      ...problems(401, 403, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await access.administrator(context);
    const { event, user_id: userId, actor_id: actorId, cursor, ...query } = context.req.valid("query");
    const page = await administration.readAudit({
      ...{ event, userId, actorId, cursor, limit: readLimit(query.limit) },
      from: readMoment("from", query.from),
      until: readMoment("until", query.until),
    });
    return context.json({ events: [...page.events], next_cursor: page.next_cursor }, 200);
  });
}
