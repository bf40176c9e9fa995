import type { IFlattenedRuleSet } from "dependency-cruiser";
import { ADMIN_ROUTES, FOLDERS_OF_STRANGERS, ROOMS, type Room } from "./rooms.ts";

type Rule = NonNullable<IFlattenedRuleSet["forbidden"]>[number];

const severity = "error";

/** A room imports only what its line in the table lists. */
function roomRule([name, room]: [string, Room]): Rule {
  const doors = room.imports.map((other) => ROOMS[other]?.path ?? "");
  return {
    name: `room-${name}`,
    severity,
    comment: `${name} may import ${room.imports.join(", ") || "no other room"}`,
    from: { path: room.path },
    to: { path: "^(src|web)/", pathNot: [room.path, ...doors] },
  };
}

/**
 * Two files of such a folder do not import each other. The one exception is a route's schema,
 * which lies beside the route: `login.ts` may import `login-schema.ts`.
 */
function strangersRule(folder: string): Rule {
  return {
    name: `strangers-${folder.split("/").at(-1)}`,
    severity,
    comment: `two files of ${folder}/ do not import each other`,
    from: { path: `^${folder}/(.+)[.]ts$` },
    to: { path: `^${folder}/`, pathNot: `^${folder}/$1[.-]schema[.]ts$` },
  };
}

/** The walls that are about imports, in the form dependency-cruiser takes. */
export const IMPORT_RULES: { readonly forbidden: Rule[] } = {
  forbidden: [
    ...Object.entries(ROOMS).map(roomRule),
    ...FOLDERS_OF_STRANGERS.map(strangersRule),
    {
      name: "outside",
      severity,
      comment: "what ships imports nothing of the checkout that does not",
      from: {},
      to: { dependencyTypes: ["local"], pathNot: "^(src|web)/|^package[.]json$" },
    },
    {
      name: "admin-routes",
      severity,
      comment: "of http, only the administrators' routes may import migration",
      from: { path: "^src/http/", pathNot: ADMIN_ROUTES },
      to: { path: "^src/migration/" },
    },
    {
      name: "types-only",
      severity,
      comment: "react and web take the HTTP contract's types, and nothing that runs",
      from: { path: "^(src/react|web)/" },
      to: { path: "^src/http/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "cycle",
      severity,
      comment: "no file imports itself, by however many others",
      from: {},
      to: { circular: true },
    },
    {
      name: "unresolvable",
      severity,
      comment: "what is imported is there",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "development-package",
      severity,
      comment: "what ships imports no development dependency; an optional peer may be one besides",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", "type-only"] },
    },
  ],
};
