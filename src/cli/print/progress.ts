import type { Progress } from "../../migration/run/run-context.ts";
import { type Terminal, wrap } from "../terminal.ts";

/** Says how a run goes. */
interface ProgressReporter {
  /** One line from the run: the step that begins, or how it goes. */
  readonly report: Progress;
  /** The run is over, well or not. */
  readonly end: (well: boolean) => void;
}

const SECOND = 1_000;

/** What a time takes up at the end of a line. */
const TIME_COLUMNS = 10;

/** Where nothing can be redrawn, a wait or a build is told of this often, in milliseconds. */
const DETAIL_INTERVAL = 10 * SECOND;

/**
 * Does work that tells its progress, and says each step as it begins and how long it took. Machines that asked
 * for JSON are not talked to.
 */
export async function reportingSteps<Result>(
  terminal: Terminal,
  json: boolean,
  work: (onProgress: Progress) => Promise<Result>,
): Promise<Result> {
  if (json) return work(() => undefined);
  const { report, end } = terminal.live ? liveReporter(terminal) : plainReporter(terminal);
  let well = false;
  try {
    const result = await work(report);
    well = true;
    return result;
  } finally {
    end(well);
  }
}

function took(since: number): string {
  const seconds = (performance.now() - since) / SECOND;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** For a log: a line when a step begins, one when it took long, a wait or a build now and then. */
function plainReporter(terminal: Terminal): ProgressReporter {
  let [step, since, detailTold] = ["", 0, Number.NEGATIVE_INFINITY];
  const end = () => {
    if (step !== "" && performance.now() - since >= SECOND) terminal.note(`    took ${took(since)}`);
    step = "";
  };
  const report: Progress = (line, kind) => {
    if (kind === "detail") {
      if (performance.now() - detailTold < DETAIL_INTERVAL) return;
      detailTold = performance.now();
      terminal.note(`    ${line}`);
    } else if (line !== step) {
      end();
      [step, since, detailTold] = [line, performance.now(), Number.NEGATIVE_INFINITY];
      terminal.note(`  · ${line}`);
    }
  };
  return { report, end };
}

/** For a person: one line that is redrawn every second, and stands with a mark once its step is over. */
function liveReporter(terminal: Terminal): ProgressReporter {
  let [step, since, detail] = ["", performance.now(), ""];
  const draw = () => {
    const elapsed = performance.now() - since < SECOND ? "" : took(since);
    terminal.draw(`  · ${[step, elapsed, detail].filter((part) => part !== "").join("  ")}`);
  };
  const timer = setInterval(draw, SECOND).unref();
  const finishStep = (well: boolean) => {
    const mark = well ? terminal.style("green", "✓") : terminal.style("red", "✗");
    const words = wrap(step, terminal.width - TIME_COLUMNS, "    ");
    if (step !== "") terminal.note(`  ${mark} ${words}  ${terminal.style("dim", took(since))}`);
  };
  const report: Progress = (line, kind) => {
    if (kind === "detail") detail = line;
    else if (line !== step) {
      finishStep(true);
      [step, since, detail] = [line, performance.now(), ""];
    }
    draw();
  };
  const end = (well: boolean) => {
    clearInterval(timer);
    finishStep(well);
  };
  return { report, end };
}
