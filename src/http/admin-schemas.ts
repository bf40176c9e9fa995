import { z } from "@hono/zod-openapi";
import { FieldsError } from "../accounts/fields/field-error.ts";
import { userSchema } from "./schemas.ts";

/** Of routes that administrators call, by either way in. */
export const ADMINISTRATOR: Record<string, string[]>[] = [{ adminKey: [] }, { bearer: [] }];

/** A user as administrators see one. */
export const adminUserSchema = userSchema
  .extend({
    has_password: z.boolean(),
    disabled_at: z.string().nullable(),
    closed_at: z.string().nullable(),
    last_sign_in_at: z.string().nullable(),
  })
  .openapi("AdminUser");

/** A user whom the path names. */
export const idParameter = z.object({ id: z.string() });

const MOST = 200;
const USUAL = 50;

/** The parameters of every list. */
export const pageParameters = {
  cursor: z.string().optional().openapi({ description: "The `next_cursor` of the page before." }),
  limit: z.string().optional().openapi({ type: "integer", minimum: 1, maximum: MOST, default: USUAL }),
};

/** A yes or no in a query. */
export const flag = () => z.enum(["true", "false"]).optional();

/** What a flag says; undefined where it is not given. */
export function readFlag(flag: "true" | "false" | undefined): boolean | undefined {
  return flag === undefined ? undefined : flag === "true";
}

/** @throws FieldsError `field_invalid`. */
export function readLimit(limit: string | undefined): number {
  if (limit === undefined) return USUAL;
  const number = /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1 && number <= MOST) return number;
  throw invalid("limit", `The field limit must be a whole number from 1 to ${MOST}.`);
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** PostgreSQL has no year 0. */
const FIRST = Date.parse("0001-01-01T00:00:00Z");

/**
 * A moment as PostgreSQL reads it too.
 *
 * @throws FieldsError `field_invalid`.
 */
export function readMoment(field: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const milliseconds = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (milliseconds >= FIRST && isDay(text)) return new Date(milliseconds).toISOString();
  throw invalid(field, `The field ${field} must be a moment, such as 2026-03-01T09:30:00Z.`);
}

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

function invalid(field: string, message: string): FieldsError {
  return new FieldsError({ field, code: "field_invalid", message });
}
