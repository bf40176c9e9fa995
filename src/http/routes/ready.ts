import { createRoute, z } from "@hono/zod-openapi";
import type { Accounts } from "../../accounts/accounts.ts";
import type { App } from "../parts.ts";
import { json, problems } from "../schemas.ts";

/** `GET /readyz`: the database answers and is grafted, so requests can be served. */
export function mountReady(
  app: App,
  { accounts }: { readonly accounts: Pick<Accounts, "assertReady"> },
): void {
  const route = createRoute({
    method: "get",
    path: "/readyz",
    summary: "Whether requests can be served",
    responses: { 200: json("They can.", z.object({ status: z.literal("ready") })), ...problems(503) },
  });
  app.openapi(route, async (context) => {
    await accounts.assertReady();
    return context.json({ status: "ready" as const }, 200);
  });
}
