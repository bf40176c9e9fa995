import { type Terminal, wrap } from "../terminal.ts";

/** What to do about something. Words are wrapped; statements are left as they are, to be copied. */
export function fixLines(fix: string, terminal: Terminal, indent = "    "): string {
  const inner = `${indent}  `;
  const statements = fix.trimEnd().endsWith(";");
  const text = statements ? fix.replaceAll("\n", `\n${inner}`) : wrap(fix, terminal.width, inner);
  return `${indent}${terminal.style("cyan", "→")} ${text}`;
}
