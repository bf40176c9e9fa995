import type { AdminUser } from "../../accounts/admin/admin-user.ts";
import { plural, type Terminal } from "../terminal.ts";

/** Users, one a line. */
export function printUsers(users: readonly AdminUser[], isWhole: boolean, terminal: Terminal): string {
  if (users.length === 0) return "Nobody.";
  const rows = users.map((user) =>
    [user.id, user.username ?? "", user.email ?? "", notesOn(user)].map(plain),
  );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const more = isWhole
    ? []
    : [terminal.style("dim", `The first ${plural(users.length, "user")}; --limit shows more.`)];
  return [...lines, ...more].join("\n");
}

function notesOn({ is_admin, has_password, disabled_at, closed_at }: AdminUser): string {
  return [
    ...(is_admin ? ["administrator"] : []),
    ...(has_password ? [] : ["no password"]),
    ...(disabled_at === null ? [] : [closed_at === null ? "disabled" : "closed"]),
  ].join(", ");
}

/** What people are called must not write over the lines of others. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}
