import { createRoute, z } from "@hono/zod-openapi";
import { describeApi } from "../openapi.ts";
import type { App, HttpParts } from "../parts.ts";
import { problems } from "../schemas.ts";
import { PAGE_POLICY, renderPage } from "./page.ts";

/** `GET /docs`: the description of the API, for people. */
export function mountDocsPage(app: App, parts: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/docs",
    summary: "This description, as a page",
    responses: {
      200: { description: "The page.", content: { "text/html": { schema: z.string() } } },
      ...problems(),
    },
  });
  let page: string | undefined;
  app.openapi(route, (context) => {
    page ??= renderPage(describeApi(app, parts));
    return context.html(page, 200, { "content-security-policy": PAGE_POLICY });
  });
}
