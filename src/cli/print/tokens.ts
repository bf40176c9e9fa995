import { EXPIRING_TABLES } from "../../accounts/purge/due-rows.ts";
import type { PurgeCounts } from "../../accounts/purge.ts";
import type { Revoked } from "../../accounts/revoke-by-operator.ts";
import { plural, type Terminal } from "../terminal.ts";

/** How many rows were deleted, table by table. */
export function printPurged(rows: PurgeCounts, terminal: Terminal): string {
  const tables = EXPIRING_TABLES.filter((table) => rows[table] > 0);
  if (tables.length === 0) return "Nothing to purge.";
  const parts = tables.map((table) => `${plural(rows[table], "row")} of ${table}`);
  return terminal.style("green", `Done: deleted ${parts.join(", ")}.`);
}

/** What was revoked. */
export function printRevoked(revoked: Revoked, terminal: Terminal): string {
  if (revoked.state === "unchanged") return `Nothing to do: ${already(revoked)}.`;
  return terminal.style("green", `Done: ${now(revoked)}.`);
}

function already(revoked: Revoked): string {
  return "token_id" in revoked ? "this token is revoked already" : "this session has ended already";
}

function now(revoked: Revoked): string {
  if ("token_id" in revoked) return "the token is revoked";
  if ("session_id" in revoked) return `the session of user ${revoked.user_id} is ended`;
  return `all tokens of user ${revoked.user_id} are revoked, and ${plural(revoked.sessions, "session")} ended`;
}
