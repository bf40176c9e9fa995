import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { DefaultGrantRow, Grant, GrantRow, OwnerRow } from "./definitions/ownership.ts";
import type { Definition } from "./definitions/scope.ts";

/** The role that stands on the scratch server for one of the source. */
export type StandIn = (role: string) => string;

/** The statement that gives an object to its owner. */
export function ownerStatement({ keyword, name, owner }: OwnerRow, standIn: StandIn): Definition {
  return {
    kind: "owner",
    name,
    sql: `ALTER ${keyword} ${name} OWNER TO ${quoteIdentifier(standIn(owner))}`,
  };
}

/** The statements that leave an object with the source's grants alone, the owner's own included. */
export function grantStatements(row: GrantRow, standIn: StandIn): Definition {
  const target = `${row.keyword} ${row.name}`;
  const owner = standIn(row.owner);
  const start = row.column === null ? [`REVOKE ALL ON ${target} FROM PUBLIC, ${quoteIdentifier(owner)}`] : [];
  const grants = row.grants.flatMap((grant) => {
    const grantor = standIn(grant.grantor);
    const privileges = privilegeList(grant, row.column);
    const sql = `GRANT ${privileges} ON ${target} TO ${grantee(grant, row.owner, owner)}`;
    return grantor === owner ? [sql] : [`SET ROLE ${quoteIdentifier(grantor)}`, sql, "RESET ROLE"];
  });
  const name = row.column === null ? row.name : `${row.name}.${row.column}`;
  return { kind: "grant", name, sql: [...start, ...grants].join(";\n") };
}

/** The statements behind one entry of the default privileges. */
export function defaultGrantStatements(row: DefaultGrantRow, standIn: StandIn): Definition {
  const role = standIn(row.role);
  const place = row.schema === null ? "" : ` IN SCHEMA ${quoteIdentifier(row.schema)}`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(role)}${place}`;
  const start =
    row.schema === null
      ? [`${alter} REVOKE ALL ON ${row.keyword} FROM PUBLIC, ${quoteIdentifier(role)}`]
      : [];
  const grants = row.grants.map(
    (grant) =>
      `${alter} GRANT ${privilegeList(grant, null)} ON ${row.keyword} TO ${grantee(grant, row.role, role)}`,
  );
  return { kind: "grant", name: `${row.role}, ${row.keyword}`, sql: [...start, ...grants].join(";\n") };
}

function privilegeList({ privileges }: Grant, column: string | null): string {
  return privileges.map((privilege) => (column === null ? privilege : `${privilege} (${column})`)).join(", ");
}

function grantee({ grantee: name, grantable }: Grant, owner: string, standsForOwner: string): string {
  const role = name === null ? "PUBLIC" : quoteIdentifier(name === owner ? standsForOwner : name);
  return grantable ? `${role} WITH GRANT OPTION` : role;
}
