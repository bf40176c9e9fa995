import type { Gate } from "../../migration/rehearse/rehearsal.ts";
import type { Terminal } from "../terminal.ts";
import { formatSeconds, harmless, SIGNS, stateOf } from "./rehearsal-words.ts";

/** Says how a rehearsal goes while it goes. */
export interface RehearsalProgress {
  readonly onProgress: (line: string) => void;
  readonly onGate: (gate: Gate) => void;
  end(): void;
}

const SECOND = 1_000;

/** Where nothing can be redrawn, what goes on is told this often, in milliseconds. */
const TELLING = 10 * SECOND;

/**
 * For a person at a terminal one line that is redrawn, for a log each gate as it ends; machines that asked for
 * JSON are not talked to.
 */
export function rehearsalProgress(terminal: Terminal, json: boolean): RehearsalProgress {
  if (json) return { onProgress: () => undefined, onGate: () => undefined, end: () => undefined };
  return terminal.live ? liveProgress(terminal) : plainProgress(terminal);
}

function liveProgress(terminal: Terminal): RehearsalProgress {
  let [words, since, gates] = ["", performance.now(), 0];
  const draw = () => {
    const done = gates === 0 ? "" : `  (${gates} gates done)`;
    const elapsed = performance.now() - since < SECOND ? "" : `  ${formatSeconds(secondsSince(since))}`;
    terminal.draw(`  · ${words}${elapsed}${done}`);
  };
  const timer = setInterval(draw, SECOND).unref();
  return {
    onProgress: (line) => {
      if (harmless(line) !== words) [words, since] = [harmless(line), performance.now()];
      draw();
    },
    onGate: () => {
      gates += 1;
    },
    end: () => clearInterval(timer),
  };
}

function plainProgress(terminal: Terminal): RehearsalProgress {
  let told = Number.NEGATIVE_INFINITY;
  return {
    onProgress: (line) => {
      if (performance.now() - told < TELLING) return;
      told = performance.now();
      terminal.note(`  · ${harmless(line)}`);
    },
    onGate: (gate) => {
      if (stateOf(gate) === "unreached") return;
      told = performance.now();
      terminal.note(`  ${SIGNS[stateOf(gate)]} ${gate.title} (${formatSeconds(gate.seconds)})`);
    },
    end: () => undefined,
  };
}

function secondsSince(since: number): number {
  return (performance.now() - since) / SECOND;
}
