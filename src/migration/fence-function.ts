import type { Queryable } from "../postgres/client.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../postgres/identifiers.ts";
import { FENCE_FUNCTION } from "./names.ts";
import type { FenceFunction, Situation } from "./situation.ts";

const REFUSAL = "RAISE EXCEPTION";

const REFUSES = `
BEGIN
  ${REFUSAL} 'authgraft is being taken out: new values for sign-in are refused on %', TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state';
END`;

const LETS_PASS = `
BEGIN
  RETURN NULL;
END`;

/** What the comment on the function says once everything of value stands in an archive. */
const ARCHIVED = "What stands behind this fence is archived.";

/** The function behind the fence as it stands in the schema with this oid, or null. */
export async function readFenceFunction(client: Queryable, schema: string): Promise<FenceFunction | null> {
  const { rows } = await client.query<{ body: string; comment: string | null }>(
    `SELECT prosrc AS body, obj_description(oid, 'pg_proc') AS comment FROM pg_proc
     WHERE pronamespace = $1::oid AND proname = $2 AND pronargs = 0`,
    [schema, FENCE_FUNCTION],
  );
  const [found] = rows;
  if (found === undefined) return null;
  const refuses = found.body.includes(REFUSAL);
  return { refuses, archived: refuses && found.comment === ARCHIVED };
}

/** The function behind the fence, quoted, with its parentheses. */
export function fenceFunction({ configuration }: Situation): string {
  return `${qualify(configuration.schema, FENCE_FUNCTION)}()`;
}

/** Makes the function that refuses, and makes it so again where it let everything pass. */
export function armFunction(situation: Situation): string[] {
  const owner = quoteIdentifier(situation.users.owner);
  return [
    replaceFunction(situation, REFUSES),
    `ALTER FUNCTION ${fenceFunction(situation)} OWNER TO ${owner}`,
  ];
}

/**
 * Makes every fence let everything pass, without any lock on a table: the triggers stand, and what they call does
 * nothing. Other sessions run the new body from their next statement on.
 */
export function disarmFunction(situation: Situation): string[] {
  return [replaceFunction(situation, LETS_PASS), forgetArchived(situation)];
}

/** Says that an archive holds what stands behind the fence; to stand in the transaction that makes it. */
export function markArchived(situation: Situation): string {
  return `COMMENT ON FUNCTION ${fenceFunction(situation)} IS ${quoteLiteral(ARCHIVED)}`;
}

/** The fence is another one now: no archive is of it. */
export function forgetArchived(situation: Situation): string {
  return `COMMENT ON FUNCTION ${fenceFunction(situation)} IS NULL`;
}

function replaceFunction(situation: Situation, body: string): string {
  return (
    `CREATE OR REPLACE FUNCTION ${fenceFunction(situation)} RETURNS trigger LANGUAGE plpgsql ` +
    `SET search_path = pg_catalog AS ${quoteLiteral(body)}`
  );
}
