import { createRoute, z } from "@hono/zod-openapi";
import { QueryFailedError } from "../../accounts/admin/query/query-failed.ts";
import type { OperatorParts } from "../admin-parts.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App } from "../parts.ts";
import { ProblemError } from "../problem.ts";
import { problems, text } from "../schemas.ts";

const schema = z.strictObject({ query: text() }).openapi("Query");

const resultSchema = z
  .object({
    command: z.string(),
    row_count: z.int().nullable(),
    columns: z.array(z.string()).optional(),
    rows: z.array(z.array(z.string().nullable())).optional(),
    rows_cut: z.boolean().optional(),
    rows_kept_back: z.literal(true).optional(),
  })
  .openapi("StatementResult");

/** `POST /admin/query` (B12, C9): SQL of an operator's, by the key alone, under a role of its own. */
export function mountAdminQuery(app: App, { access, queries }: OperatorParts): void {
  if (queries === null) return;
  const route = createRoute({
    method: "post",
    path: "/admin/query",
    summary: "Run SQL, one or more statements",
    security: [{ adminKey: [] }],
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: {
        description: "What each statement came to.",
        content: { "application/json": { schema: z.array(resultSchema) } },
      },
      ...problems(400, 401, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const acting = await access.keyHolder(context);
    const { results, keepsRowsBack } = await queries
      .run(context.req.valid("json").query, acting)
      .catch((error: unknown) => {
        throw error instanceof QueryFailedError ? toProblem(error) : error;
      });
    const shown = results.map(({ command, rowCount, rows }) => ({
      ...{ command, row_count: rowCount },
      ...(rows === null
        ? {}
        : {
            columns: [...rows.columns],
            rows: rows.values.map((row) => [...row]),
            rows_cut: rows.isCut,
          }),
      ...(keepsRowsBack ? { rows_kept_back: true as const } : {}),
    }));
    return context.json(shown, 200);
  });
}

function toProblem({ message, sqlstate, position }: QueryFailedError): ProblemError {
  return new ProblemError({
    ...{ status: 422, code: "query_failed", detail: message },
    members: { sqlstate, position },
  });
}
