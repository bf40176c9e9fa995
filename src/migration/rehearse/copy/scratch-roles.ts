import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { LeftOutList } from "../restore/left-out-list.ts";
import { MadeUpRoles } from "../restore/made-up-roles.ts";
import type { Definitions } from "./definitions/read-definitions.ts";
import type { StandIn } from "./grant-statements.ts";
import type { ScratchSession } from "./scratch-session.ts";

/** The roles of a copy: there, made up, or stood in for. */
export interface ScratchRoles {
  readonly standIn: StandIn;
  readonly made: readonly string[];
}

/** Makes sure of every role that owns or is granted something in the source. */
export async function ensureRoles(
  { admin, standing, self, made }: ScratchSession,
  definitions: Definitions,
  leftOut: LeftOutList,
): Promise<ScratchRoles> {
  const roles = new MadeUpRoles(admin, standing, self, leftOut);
  const actors = new Set([
    ...definitions.owners.map(({ owner }) => owner),
    ...definitions.defaultGrants.map(({ role }) => role),
    ...definitions.grants.flatMap(({ grants }) => grants.map(({ grantor }) => grantor)),
  ]);
  const standIns = new Map<string, string>();
  for (const name of new Set([...definitions.roles, ...actors])) {
    const own = `SET ROLE ${quoteIdentifier(name)}`;
    if ((await roles.prepare(own, true)) !== own) standIns.set(name, self);
  }
  return {
    standIn: (role) => standIns.get(role) ?? role,
    made: [...roles.made, ...(made === null ? [] : [made])],
  };
}
