import type { Gate, LoadReport, Rehearsal } from "../../migration/rehearse/rehearsal.ts";
import { type Terminal, wrap } from "../terminal.ts";
import { conclude, formatSeconds, harmless, SIGNS, stateOf } from "./rehearsal-words.ts";

/** What the command knows besides the rehearsal itself. */
export interface RehearsalExtras {
  /** The file that the report was written to; null where none was. */
  readonly report: string | null;
  /** What is to be known about the way it was rehearsed: another version of the server. */
  readonly notes: readonly string[];
}

/** A rehearsal for a person: a line for each gate with its evidence, what was left out, the decision. */
export function printRehearsal(rehearsal: Rehearsal, terminal: Terminal, extras: RehearsalExtras): string {
  const { source, table, serverVersion, gates, load } = rehearsal;
  const title = `${terminal.style("bold", harmless(table))} from ${harmless(source)}, on PostgreSQL ${harmless(serverVersion)}`;
  const parts = [
    wrap(title, terminal.width, "  "),
    gates.map((gate) => printGate(gate, terminal)).join("\n"),
    [...extras.notes, ...(load === null ? [] : leftOutLines(load))]
      .map((line) => `  ${terminal.style("yellow", "!")} ${wrap(harmless(line), terminal.width, "    ")}`)
      .join("\n"),
    printConclusion(rehearsal, terminal, extras.report),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Wide enough for `12 min 59 s`, at the end of a line. */
const TIME_COLUMNS = 12;

function printGate(gate: Gate, terminal: Terminal): string {
  const { title, seconds, detail, passed } = gate;
  const state = stateOf(gate);
  const words = harmless(title).padEnd(terminal.width - TIME_COLUMNS - 4);
  if (state === "unreached") {
    return terminal.style("dim", `  ${SIGNS[state]} ${words}${"not reached".padStart(TIME_COLUMNS)}`);
  }
  const mark = terminal.style(passed ? "green" : "red", SIGNS[state]);
  const time = terminal.style("dim", formatSeconds(seconds).padStart(TIME_COLUMNS));
  const evidence = wrap(harmless(detail), terminal.width, "    ");
  return [
    `  ${mark} ${terminal.style("bold", words)}${time}`,
    `    ${passed ? terminal.style("dim", evidence) : evidence}`,
  ].join("\n");
}

/** The rehearsal's own roles, of which the source says nothing. */
const OWN_ROLES = "authgraft_rehearsal_";

/** Past that many lines, a list tells a person nothing more. */
const MOST_LINES = 50;

/** What the scratch server has not got as the source has it. */
export function leftOutLines({ leftOut, rolesMade }: LoadReport): string[] {
  const ofSource = rolesMade.filter((name) => !name.startsWith(OWN_ROLES));
  const roles =
    ofSource.length === 0 ? [] : [`Made on the scratch server, without a login: ${ofSource.join(", ")}.`];
  const shown = leftOut.slice(0, MOST_LINES);
  const more = leftOut.length - shown.length;
  return [
    ...shown.map(({ kind, name, reason }) => `Left out: ${kind} ${name}: ${reason}`),
    ...(more > 0 ? [`Left out besides: ${more.toLocaleString("en")} more, all in --report and --json.`] : []),
    ...roles,
  ];
}

function printConclusion(rehearsal: Rehearsal, terminal: Terminal, report: string | null): string {
  const { sentence, next } = conclude(rehearsal, report);
  const words = wrap(harmless(sentence), terminal.width);
  return [
    terminal.style(rehearsal.decision === "go" ? "green" : "red", words),
    `${terminal.style("cyan", "→")} ${wrap(next, terminal.width, "  ")}`,
  ].join("\n");
}
