import type { App, HttpParts } from "../parts.ts";

/** `GET /metrics`, where the configuration asks for it: figures for Prometheus, without a name or an address. */
export function mountMetrics(app: App, { metrics }: HttpParts): void {
  if (metrics === null) return;
  app.get("/metrics", async () => {
    return new Response(await metrics.metrics(), { headers: { "content-type": metrics.contentType } });
  });
}
