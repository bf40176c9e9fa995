import type { z } from "@hono/zod-openapi";
import type { FieldError } from "../accounts/fields/field-error.ts";
import { problemResponse } from "./problem.ts";
import { NAMED_TWICE } from "./schemas.ts";

/** A name that a request made up is repeated no further than this. */
const MAXIMUM_NAME = 64;

const MESSAGES = {
  field_required: (field: string) => `The field ${field} is missing.`,
  field_unknown: (field: string) => `There is no field ${field} here.`,
  field_invalid: (field: string) =>
    field === "" ? "The body must be an object." : `The field ${field} must be a text.`,
} as const;

/** What a field must be that is no text. */
function kindOf(issue: z.core.$ZodIssue): string | null {
  if (issue.code === "invalid_value")
    return `one of ${issue.values.map((value) => `"${String(value)}"`).join(", ")}`;
  return issue.code === "invalid_type" && issue.expected === "boolean" ? "true or false" : null;
}

/** Says what is wrong with a request whose fields are not the ones a route takes. */
export function invalidRequest(result: {
  readonly success: boolean;
  readonly error?: z.core.$ZodError;
}): Response | undefined {
  if (result.success) return undefined;
  const errors = (result.error?.issues ?? []).flatMap(fieldErrors);
  const [first] = errors;
  return problemResponse({
    status: 422,
    code: first?.code ?? "field_invalid",
    detail: first?.message,
    errors,
  });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => fieldError(key, "field_unknown"));
  const field = issue.path.map(String).join(".");
  const kind = kindOf(issue);
  if (kind !== null) {
    return [{ field, code: "field_invalid", message: `The field ${field} must be ${kind}.` }];
  }
  if (issue.message === NAMED_TWICE) return [{ field, code: "field_invalid", message: NAMED_TWICE }];
  return [fieldError(field, issue.message === "field_required" ? "field_required" : "field_invalid")];
}

function fieldError(name: string, code: keyof typeof MESSAGES): FieldError {
  const field = name.slice(0, MAXIMUM_NAME);
  return { field, code, message: MESSAGES[code](field) };
}
