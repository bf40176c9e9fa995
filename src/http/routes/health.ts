import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

/** `GET /healthz`: the process answers, whatever the state of the database. */
export function mountHealth(app: App): void {
  const route = createRoute({
    method: "get",
    path: "/healthz",
    summary: "Whether the process is alive",
    responses: { 200: json("It is.", z.object({ status: z.literal("ok") })), ...problems() },
  });
  app.openapi(route, (context) => context.json({ status: "ok" as const }, 200));
}
