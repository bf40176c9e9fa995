import { createRoute, z } from "@hono/zod-openapi";
import { collectDefaultMetrics } from "prom-client";
import type { App, HttpParts } from "../parts.ts";
import { problems } from "../schemas.ts";

/** `GET /metrics`, where the configuration asks for it: figures for Prometheus, without a name or an address. */
export function mountMetrics(app: App, { metrics, register }: HttpParts): void {
  if (metrics === null) return;
  // What the process takes: memory, processor, the event loop, garbage collection.
  collectDefaultMetrics({ register });
  const route = createRoute({
    method: "get",
    path: "/metrics",
    summary: "Figures for Prometheus",
    responses: {
      200: { description: "In Prometheus' text format.", content: { "text/plain": { schema: z.string() } } },
      ...problems(),
    },
  });
  app.openapi(route, async (context) => {
    return context.text(await metrics.metrics(), 200, { "content-type": metrics.contentType });
  });
}
