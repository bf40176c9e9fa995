import { createRoute, z } from "@hono/zod-openapi";
import { readCursor } from "../../tokens/revocations/feed-cursor.ts";
import { requireService } from "../client-authentication.ts";
import { noPublicKeys } from "../no-public-keys.ts";
import type { App, HttpParts } from "../parts.ts";
import { problems } from "../schemas.ts";

const querySchema = z.object({
  after: z.string().max(8_192).optional().openapi({ description: "The `position` of an earlier answer." }),
  cursor: z
    .string()
    .refine((text) => readCursor(text) !== null)
    .optional()
    .openapi({ description: "The `next` of the answer before, with the same `after`." }),
  nonce: z.string().min(1).max(64).openapi({ description: "A text that the answer has to repeat." }),
});

/** `GET /v1/revocations`, where the configuration names services: what was revoked, signed for the service that asks. */
export function mountRevocations(app: App, parts: HttpParts): void {
  const { feed, services } = parts;
  if (services.length === 0) return;
  const route = createRoute({
    method: "get",
    path: "/v1/revocations",
    summary: "What was revoked since a position, signed for the service that asks",
    security: [{ service: [] }],
    request: { query: querySchema },
    responses: {
      200: {
        description: "A JWS in its compact form, of type `revocations+jwt`.",
        content: { "application/jwt": { schema: z.string() } },
      },
      ...problems(401, 404, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const service = await requireService(context, parts);
    if (feed === null) return noPublicKeys();
    const { after, cursor = "", nonce } = context.req.valid("query");
    const text = await feed.snapshot({ service, after, cursor: readCursor(cursor), nonce });
    return context.body(text, 200, { "content-type": "application/jwt" });
  });
}
