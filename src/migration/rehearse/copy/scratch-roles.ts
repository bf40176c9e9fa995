import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { LeftOutList } from "../restore/left-out-list.ts";
import { MadeUpRoles } from "../restore/made-up-roles.ts";
import type { GrantRow } from "./definitions/ownership.ts";
import type { Definitions } from "./definitions/read-definitions.ts";
import type { StandIn } from "./grant-statements.ts";
import type { ScratchSession } from "./scratch-session.ts";

/** The roles of a copy: there, made up, or stood in for. */
export interface ScratchRoles {
  readonly standIn: StandIn;
  /** The same for a schema's owner: a superuser may stay that, since nothing runs as it; who is let in is granted. */
  readonly standInForSchemas: StandIn;
  readonly made: readonly string[];
}

/** Makes sure of every role that owns or is granted something in the source. */
export async function ensureRoles(
  { admin, standing, self, made }: ScratchSession,
  definitions: Definitions,
  leftOut: LeftOutList,
): Promise<ScratchRoles> {
  const roles = new MadeUpRoles(admin, standing, self, leftOut);
  const { owners, grants, defaultGrants } = definitions;
  // Nothing runs as a schema's owner: that may be anybody.
  const actors = new Set([
    ...owners.filter(({ keyword }) => keyword !== "SCHEMA").map(({ owner }) => owner),
    ...grants.filter(({ keyword }) => keyword !== "SCHEMA").flatMap(grantors),
    ...defaultGrants.map(({ role }) => role),
  ]);
  const standIns = new Map<string, string>();
  const others = [...definitions.roles, ...owners.map(({ owner }) => owner), ...grants.flatMap(grantors)];
  for (const name of new Set([...actors, ...others])) {
    const own = `SET ROLE ${quoteIdentifier(name)}`;
    if ((await roles.prepare(own, actors.has(name))) !== own) standIns.set(name, self);
  }
  return {
    standIn: (role) => standIns.get(role) ?? role,
    standInForSchemas: (role) => (roles.isNotOurs(role) ? self : role),
    made: [...roles.made, ...(made === null ? [] : [made])],
  };
}

function grantors({ grants }: GrantRow): string[] {
  return grants.map(({ grantor }) => grantor);
}
