import type { Terminal } from "../terminal.ts";

/** Says each step as it begins, once; machines that asked for JSON are not talked to. */
export function stepReporter(terminal: Terminal, json: boolean): (line: string) => void {
  let last = "";
  return (line) => {
    if (json || line === last) return;
    last = line;
    terminal.note(`  ${terminal.style("dim", "·")} ${line}`);
  };
}
