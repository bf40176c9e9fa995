import { type Terminal, wrap } from "../terminal.ts";

/** The last words of a refusal; `notes` are what was changed all the same. */
export function printRefused(notes: readonly string[], terminal: Terminal): string {
  const rest = notes.length === 0 ? "nothing was changed." : "nothing else was changed.";
  const lines = notes.map((note) => wrap(note, terminal.width));
  return [...lines, terminal.style("red", `Refused; ${rest}`)].join("\n");
}
