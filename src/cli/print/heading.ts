import type { Situation } from "../../migration/situation.ts";
import { displayName } from "../../users-table/find-table.ts";
import { type Terminal, wrap } from "../terminal.ts";

/** The first line of what a command prints: which table, where, and how big it is. */
export function heading(situation: Situation, terminal: Terminal): string {
  const { users, server } = situation;
  const version = `PostgreSQL ${Math.floor(server.version / 10_000)}.${server.version % 10_000}`;
  const rows =
    users.estimatedRows < 0 ? "never analyzed" : `about ${users.estimatedRows.toLocaleString("en")} rows`;
  const name = displayName(users.schema, users.name);
  const text = `${name} in the database ${server.database} (${version}), ${rows}, ${size(users.bytes)}`;
  return wrap(text, terminal.width, "  ").replace(name, terminal.style("bold", name));
}

function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
