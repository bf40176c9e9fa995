import type { Turn } from "./relay.ts";

/** A moment of a run that can be found again in another run of the same command: something it writes. */
export interface Point {
  /** What the run was at: a step's id, or begin, fence or archive. */
  readonly step: string;
  /** The statement, with its numbers taken out. */
  readonly text: string;
  /** The how-manieth of that text. */
  readonly occurrence: number;
  /** How many turns that only look come after it. */
  readonly looks: number;
}

/** Whether a turn may change something. */
export function writes(text: string): boolean {
  return (
    /^\s*(BEGIN|CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|GRANT|REVOKE|COMMENT)\b/.test(text) ||
    /^\s*WITH\b[\s\S]*\b(INSERT INTO|UPDATE|DELETE FROM) "/.test(text)
  );
}

/** Numbers differ from run to run: time limits, ids. */
export function normalize(text: string): string {
  // The key that a batch begins after is another one each time.
  return text.replaceAll(/> '[^']*'/g, "> '#'").replaceAll(/\d+/g, "#");
}

/** Counts the texts that went by. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  next(text: string): number {
    const count = (this.#counts.get(text) ?? 0) + 1;
    this.#counts.set(text, count);
    return count;
  }
}

/** Writes down the points of a run that nobody kills. */
export class PointRecorder {
  readonly #occurrences = new Occurrences();
  readonly #points: { line: string; text: string; occurrence: number; looks: number }[] = [
    { line: "", text: "", occurrence: 0, looks: 0 },
  ];
  readonly lines: string[] = [];
  #pid = 0;

  readonly onProgress = (line: string): void => {
    if (!line.startsWith("waiting")) this.lines.push(line);
  };

  async asked({ pid, text: asked }: Turn): Promise<boolean> {
    const text = normalize(asked);
    const last = this.#points.at(-1);
    // Looks of a connection that only watches are none of the run's own.
    if (!writes(text)) {
      if (last !== undefined && (last.text === "" || pid === this.#pid)) last.looks++;
    } else {
      this.#pid = pid;
      const occurrence = this.#occurrences.next(text);
      this.#points.push({ line: this.lines.at(-1) ?? "", text, occurrence, looks: 0 });
    }
    return true;
  }

  sent(): void {}

  async answered(): Promise<boolean> {
    return true;
  }

  /** The points, each with the step that was said to begin last. */
  points(steps: readonly { readonly id: string; readonly title: string }[]): Point[] {
    let step = "begin";
    return this.#points.map(({ line, ...point }) => {
      step = stepOf(line, steps) ?? step;
      return { ...point, step: point.text.includes('"authgraft_archive"') ? ARCHIVE : step };
    });
  }
}

/** What reads or writes the archive is about the archive, whatever step was said last. */
const ARCHIVE = "archive";

/** Null for a line that tells how a step goes on. */
function stepOf(
  line: string,
  steps: readonly { readonly id: string; readonly title: string }[],
): string | null {
  const step = steps.find(({ title }) => title === line)?.id;
  return step ?? (line.startsWith("keeping new values out") ? "fence" : null);
}

/** What a point does, in a few words. */
export function describePoint({ text }: Point): string {
  if (text === "") return "before anything is written";
  const journal = /"migration_(runs|steps)"/.exec(text);
  if (journal !== null && !text.startsWith("BEGIN")) {
    return `journal: ${text.startsWith("INSERT") ? "opens" : "closes"} ${journal[1]}`;
  }
  const statement = text.startsWith("BEGIN")
    ? text
        .split("\n")
        .find((line) => /^(CREATE|ALTER TABLE|DROP|INSERT|DELETE|GRANT|REVOKE|UPDATE)/.test(line))
    : text.trim().split("\n")[0];
  return (statement ?? text).slice(0, 70);
}
