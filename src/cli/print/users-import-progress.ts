import type { ImportProgress } from "../../accounts/import/import-report.ts";
import { plural, type Terminal } from "../terminal.ts";

/** Says how an import goes while it goes. */
export interface ImportProgressReporter {
  readonly onProgress: (progress: ImportProgress) => void;
  end(): void;
}

const SECOND = 1_000;

/** How often a line is drawn anew, and told where nothing can be redrawn. */
const DRAWING = 100;
const TELLING = 10 * SECOND;

const WORDS = { reading: "Reading", deciding: "Comparing with the table", writing: "Writing" } as const;

/** A bar on a terminal, a line now and then elsewhere; machines that asked for JSON are not talked to. */
export function importProgress(terminal: Terminal, json: boolean): ImportProgressReporter {
  if (json) return { onProgress: () => undefined, end: () => undefined };
  const rate = createRate();
  let [phase, told] = ["", performance.now()];
  return {
    onProgress: (progress) => {
      const now = performance.now();
      const isNew = progress.phase !== phase;
      phase = progress.phase;
      if (isNew) rate.begin();
      if (!isNew && now - told < (terminal.live ? DRAWING : TELLING)) return;
      told = now;
      const line = `  · ${describe(progress, rate)}`;
      if (terminal.live) terminal.draw(line);
      else terminal.note(line);
    },
    end: () => undefined,
  };
}

function createRate() {
  let since = performance.now();
  return {
    begin: () => {
      since = performance.now();
    },
    seconds: () => (performance.now() - since) / SECOND,
  };
}

const BAR = 20;

function describe({ phase, rows, share }: ImportProgress, rate: { seconds: () => number }): string {
  const seconds = rate.seconds();
  const count = plural(rows, "row");
  if (share === null) return `${WORDS[phase]}, ${count}`;
  const filled = Math.round(share * BAR);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${Math.floor(share * 100)} %`;
  if (seconds < 1) return `${WORDS[phase]} ${bar}  ${count}`;
  const left = share > 0.01 ? `, ${formatLeft((seconds / share) * (1 - share))} left` : "";
  return `${WORDS[phase]} ${bar}  ${count}, ${Math.round(rows / seconds).toLocaleString("en")} a second${left}`;
}

function formatLeft(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
