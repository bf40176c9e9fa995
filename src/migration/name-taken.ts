import { displayName } from "../users-table/find-table.ts";
import type { Finding } from "./finding.ts";
import { obstacle } from "./obstacle.ts";
import type { Situation } from "./situation.ts";

/** A refusal where another relation has the name that an index of the graft will have. */
export function nameTaken({ users, takenNames }: Situation, name: string): Finding[] {
  const index = users.indexes.find((candidate) => candidate.name === name);
  if (index === undefined && !takenNames.includes(name)) return [];
  const object = displayName(users.schema, name);
  return [
    obstacle(
      "index_name_taken",
      object,
      `There is a ${object} already, and it is not the index that the graft needs${index === undefined ? "" : `: ${index.definition}`}.`,
      `Rename it: ALTER ${index === undefined ? "TABLE" : "INDEX"} ${object} RENAME TO …`,
    ),
  ];
}
