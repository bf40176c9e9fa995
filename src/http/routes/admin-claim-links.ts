import { createRoute, z } from "@hono/zod-openapi";
import { CSV_HEADER, csvLines } from "../../accounts/admin/claim-links-csv.ts";
import type { ClaimLink } from "../../accounts/claim-links.ts";
import type { AdminRouteParts } from "../admin-parts.ts";
import { ADMINISTRATOR } from "../admin-schemas.ts";
import type { App } from "../parts.ts";
import { problems } from "../schemas.ts";

/** `POST /admin/claim-links` (C10): a link for everybody without a password, as CSV. */
export function mountAdminClaimLinks(app: App, { access, administration }: AdminRouteParts): void {
  const route = createRoute({
    method: "post",
    path: "/admin/claim-links",
    summary: "Make links for all users without a password",
    security: ADMINISTRATOR,
    responses: {
      200: {
        description: "user_id, username, link and expires_at of each, as CSV (RFC 4180) with a header.",
        content: { "text/csv": { schema: z.string() } },
      },
      ...problems(401, 403, 413, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const acting = await access.administrator(context);
    const batches = administration.makeClaimLinks(acting);
    // What goes wrong before anything was sent is a problem like any other.
    const first = await batches.next();
    return context.body(streamOf(first, batches), 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": 'attachment; filename="claim-links.csv"',
    });
  });
}

type Batches = AsyncGenerator<readonly ClaimLink[]>;

/** A batch is made when the one before was taken; when the client goes, no more are. */
function streamOf(first: IteratorResult<readonly ClaimLink[]>, batches: Batches): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: IteratorResult<readonly ClaimLink[]> | undefined = first;
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(CSV_HEADER)),
    async pull(controller) {
      const { done, value } = next ?? (await batches.next());
      next = undefined;
      if (done) controller.close();
      else controller.enqueue(encoder.encode(csvLines(value)));
    },
    async cancel() {
      await batches.return(undefined);
    },
  });
}
