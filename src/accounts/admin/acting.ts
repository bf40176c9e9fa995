import type { AuditActor } from "../../audit/record.ts";
import type { AccessTokenClaims } from "../../tokens/access-claims.ts";
import type { Caller } from "../caller.ts";
import type { AccountsContext } from "../context.ts";

/** Who does something to other people's accounts, and from where. */
export interface Acting {
  readonly actor: AuditActor;
  readonly caller: Caller;
  /** What an administrator's access token says; null for the key and the command line. */
  readonly claims: AccessTokenClaims | null;
}

/** What administration works with; the command line has no more of a server than this. */
export type AdminParts = Pick<AccountsContext, "pool" | "table" | "configuration">;

/** Whoever is at the command line, and so has the database's own rights. */
export const AT_COMMAND_LINE: Acting = {
  actor: { kind: "command_line", id: null },
  caller: {},
  claims: null,
};
