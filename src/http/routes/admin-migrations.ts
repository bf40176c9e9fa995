import { createRoute, z } from "@hono/zod-openapi";
import { FieldsError } from "../../accounts/fields/field-error.ts";
import type { OperatorParts, ShownRun } from "../admin-parts.ts";
import { ADMINISTRATOR } from "../admin-schemas.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App } from "../parts.ts";
import { ProblemError } from "../problem.ts";
import { json, problems } from "../schemas.ts";

const whole = z.array(z.looseObject({}));

const stateSchema = z.enum(["pending", "applied", "refused"]);

const runSchema = z
  .looseObject({
    direction: z.enum(["up", "down"]),
    state: z.enum(["running", "done", "refused", "failed"]),
    started_at: z.string(),
    finished_at: z.string().nullable(),
    progress: z.string().nullable(),
    steps: z.array(z.object({ id: z.string(), title: z.string() })),
    refusals: whole,
    notes: z.array(z.string()),
    archive: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() }).nullable(),
  })
  .openapi("MigrationRun");

const statusSchema = z
  .object({
    state: stateSchema,
    table: z.string(),
    steps: whole,
    history: whole,
    archive: z.string().nullable(),
    run: runSchema.nullable(),
  })
  .openapi("MigrationStatus");

const planSchema = z
  .object({ state: stateSchema, steps: whole, refusals: whole, warnings: whole })
  .openapi("MigrationPlan");

const upSchema = z.strictObject({ restore: z.boolean().optional() }).openapi("MigrationUp");

const downSchema = z
  .strictObject({
    step: z.boolean().optional(),
    archive: z.boolean().optional(),
    discard_data: z.boolean().optional(),
  })
  .openapi("MigrationDown");

const ended = {
  200: json("It is done.", z.object({ run: runSchema })),
  202: json("It goes on; `GET /admin/migrations` says how.", z.object({ run: runSchema })),
  ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
};

/** `/admin/migrations` (B12): the migration, for an operator without a command line on the server. */
export function mountAdminMigrations(app: App, parts: OperatorParts): void {
  if (parts.migrations === null) return;
  mountLooking(app, parts, parts.migrations);
  mountUp(app, parts, parts.migrations);
  mountDown(app, parts, parts.migrations);
}

type Migrations = NonNullable<OperatorParts["migrations"]>;

function mountLooking(app: App, { access }: OperatorParts, migrations: Migrations): void {
  const status = createRoute({
    method: "get",
    path: "/admin/migrations",
    summary: "Where the database stands, and how it came there",
    security: ADMINISTRATOR,
    responses: { 200: json("Where it stands.", statusSchema), ...problems(401, 403, 409, 429, 503) },
  });
  app.openapi(status, async (context) => {
    await access.administrator(context);
    return context.json(statusSchema.parse(await migrations.status()), 200);
  });
  const plan = createRoute({
    method: "get",
    path: "/admin/migrations/plan",
    summary: "What up would do, statement by statement",
    security: ADMINISTRATOR,
    responses: { 200: json("The plan.", planSchema), ...problems(401, 403, 409, 429, 503) },
  });
  app.openapi(plan, async (context) => {
    await access.administrator(context);
    return context.json(planSchema.parse(await migrations.plan()), 200);
  });
}

function mountUp(app: App, { access }: OperatorParts, migrations: Migrations): void {
  const route = createRoute({
    method: "post",
    path: "/admin/migrations/up",
    summary: "Apply the plan online",
    security: ADMINISTRATOR,
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema: upSchema } } } },
    responses: ended,
  });
  app.openapi(route, async (context) => {
    const acting = await access.administrator(context);
    const { restore = false } = context.req.valid("json");
    const run = await migrations.up({ restore }, acting);
    return context.json({ run: runSchema.parse(assertWell(run)) }, run.state === "running" ? 202 : 200);
  });
}

function mountDown(app: App, { access }: OperatorParts, migrations: Migrations): void {
  const route = createRoute({
    method: "post",
    path: "/admin/migrations/down",
    summary: "Take the graft out, or be told what would be lost",
    security: ADMINISTRATOR,
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema: downSchema } } } },
    responses: ended,
  });
  app.openapi(route, async (context) => {
    const acting = await access.administrator(context);
    const { step = false, archive = false, discard_data: discardData = false } = context.req.valid("json");
    if (archive && (discardData || step)) throw notTogether();
    const run = await migrations.down({ step, archive, discardData }, acting);
    return context.json({ run: runSchema.parse(assertWell(run)) }, run.state === "running" ? 202 : 200);
  });
}

function notTogether(): FieldsError {
  return new FieldsError({
    field: "archive",
    code: "field_invalid",
    message: "archive keeps the whole graft aside: it goes neither with step nor with discard_data.",
  });
}

/** @throws ProblemError for a run that was refused, with every finding and what to do about it, or that failed. */
function assertWell(run: ShownRun): ShownRun {
  const { state, error } = run;
  if (state === "running" || state === "done") return run;
  const detail = error === null ? REFUSED : `${error.message} ${error.fix ?? ""}`.trim();
  if (error?.code === "lock_timeout") {
    throw new ProblemError({ status: 503, code: "lock_timeout", detail, headers: { "retry-after": "60" } });
  }
  if (error?.code === "database_unreachable" || error?.code === "interrupted") {
    throw new ProblemError({
      ...{ status: 503, code: "database_unreachable", detail },
      headers: { "retry-after": "1" },
    });
  }
  const findings = run.refusals.map(({ code, object, message, fix }) => ({ code, object, message, fix }));
  const code = state === "refused" ? "refused" : "migration_failed";
  throw new ProblemError({ status: 409, code, detail, members: { findings } });
}

const REFUSED = "Refused, and nothing was changed: see findings.";
