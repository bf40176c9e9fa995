import { createRoute, z } from "@hono/zod-openapi";
import { requireService } from "../client-authentication.ts";
import { noPublicKeys } from "../no-public-keys.ts";
import type { App, HttpParts } from "../parts.ts";
import { problemResponse } from "../problem.ts";
import { problems } from "../schemas.ts";

/** Seconds after which there may be room for another stream. */
const RETRY_AFTER = "30";

const HEADERS = {
  "content-type": "text/event-stream",
  // nginx would keep events until it has many.
  "x-accel-buffering": "no",
};

/**
 * `GET /v1/revocations/stream`, where the configuration names services: what is revoked, as it happens.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function mountRevocationsStream(app: App, parts: HttpParts): void {
  const { feed, services } = parts;
  if (services.length === 0) return;
  const route = createRoute({
    method: "get",
    path: "/v1/revocations/stream",
    summary: "What is revoked, as it happens; resumed with `Last-Event-ID`",
    security: [{ service: [] }],
    request: { headers: z.object({ "last-event-id": z.string().max(8_192).optional() }) },
    responses: {
      200: {
        description: "Events `revoked`, whose data are packed entries in base64url.",
        content: { "text/event-stream": { schema: z.string() } },
      },
      ...problems(401, 404, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await requireService(context, parts);
    if (feed === null) return noPublicKeys();
    if (context.req.method === "HEAD") return context.body(null, 200, HEADERS);
    const after = context.req.valid("header")["last-event-id"];
    const stream = feed.openStream(after === "" ? undefined : after);
    if (stream === null) {
      return problemResponse({ status: 503, code: "overloaded", headers: { "retry-after": RETRY_AFTER } });
    }
    return context.body(stream, 200, HEADERS);
  });
}
