import type { Queryable } from "../../../postgres/client.ts";
import { quoteLiteral } from "../../../postgres/identifiers.ts";
import type { LeftOutList } from "../restore/left-out-list.ts";
import type { Definition } from "./definitions/scope.ts";
import { SEQUENCE_NAMES } from "./definitions/settings.ts";

/** Each is read by name: so many in one statement. */
const BATCH = 100;

/** Reads where the sequences stand, as statements that put others there. */
export async function readSequenceValues(client: Queryable, leftOut: LeftOutList): Promise<Definition[]> {
  const { rows } = await client.query<{ name: string; readable: boolean }>(SEQUENCE_NAMES);
  for (const { name } of rows.filter(({ readable }) => !readable)) {
    leftOut.add({ kind: "sequence value", name }, "The source's role may not read it: GRANT SELECT on it.");
  }
  const names = rows.filter(({ readable }) => readable).map(({ name }) => name);
  const found: Definition[] = [];
  for (let at = 0; at < names.length; at += BATCH) {
    const parts = names
      .slice(at, at + BATCH)
      .map(
        (name) => `SELECT ${quoteLiteral(name)} AS name, last_value::text AS value, is_called FROM ${name}`,
      );
    const values = await client.query<{ name: string; value: string; is_called: boolean }>(
      parts.join(" UNION ALL "),
    );
    found.push(...values.rows.map(({ name, value, is_called }) => statement(name, value, is_called)));
  }
  return found;
}

function statement(name: string, value: string, called: boolean): Definition {
  return {
    kind: "sequence value",
    name,
    sql: `SELECT setval(${quoteLiteral(name)}::regclass, ${value}, ${called})`,
  };
}
