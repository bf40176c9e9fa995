import { SeededRandom } from "../../src/embedded/samples/random.ts";
import type { Book } from "./book.ts";
import type { Point } from "./points.ts";
import type { Scenario } from "./scenario.ts";

/** What is killed: the process of the command line, its server process, or the whole server. */
export type Means = "client" | "backend" | "server";

export const MEANS: readonly Means[] = ["client", "backend", "server"];

/**
 * Where around a point: the server has not heard of it; has just heard; is held up in the midst of it by somebody's
 * lock; is done, and the client does not know; or a few looks later.
 */
export type Phase = "before" | "during" | "held up" | "after" | "later";

export const PHASES: readonly Phase[] = ["before", "during", "held up", "after", "later"];

/** When to strike. */
export type Moment =
  | { readonly kind: "point"; readonly point: Point; readonly phase: Phase; readonly looks: number }
  /** When the run says that its next step begins. */
  | { readonly kind: "line"; readonly line: number }
  /** At a fraction of the time that a run takes. */
  | { readonly kind: "time"; readonly fraction: number };

/** One kill; all of it follows from the seed and the number. */
export interface Kill {
  readonly number: number;
  readonly means: Means;
  readonly book: Book;
  readonly scenario: Scenario;
  readonly moment: Moment;
  /** How long to wait at that moment, in milliseconds. */
  readonly lag: number;
  /** What runs next: the same command, or the one that leads back. */
  readonly next: "same" | "opposite";
  /** Whether a run that was held up is held up still when the next one begins. */
  readonly holdOn: boolean;
  /** Whether the old application's statements are tried before anything is put right. */
  readonly oldApplication: boolean;
}

interface Candidate {
  readonly book: Book;
  readonly scenario: Scenario;
  readonly point: Point;
  readonly phase: Phase;
}

/** Every fourth kill comes at a random moment, the others go from boundary to boundary. */
const RANDOM_EVERY = 4;

/** Draws kill after kill: a function of the books, the seed and the number. */
export function drawKills(books: readonly Book[], seed: number): (number: number) => Kill {
  const groups = shuffle([...groupCandidates(books).values()], new SeededRandom(seed, "groups"));
  return (number) => {
    const random = new SeededRandom(seed, `kill ${number}`);
    const atRandom = number % RANDOM_EVERY === 0;
    const group = groups[(number - Math.ceil(number / RANDOM_EVERY)) % groups.length] ?? [];
    const drawn = atRandom ? drawRandom(books, random) : drawPoint(pick(group, random), random);
    return {
      number,
      // Coprime with the rhythm of random moments, so that every means meets both.
      means: MEANS[(number + Math.floor(number / RANDOM_EVERY)) % MEANS.length] ?? "client",
      ...drawn,
      lag: random.chance(0.5) ? 0 : random.next() * 5,
      next: random.chance(0.7) ? "same" : "opposite",
      holdOn: random.chance(0.5),
      oldApplication: number % 5 === 1,
    };
  };
}

type Drawn = Pick<Kill, "book" | "scenario" | "moment">;

function drawPoint({ book, scenario, point, phase }: Candidate, random: SeededRandom): Drawn {
  const looks = phase === "later" ? random.integer(1, point.looks) : 0;
  return { book, scenario, moment: { kind: "point", point, phase, looks } };
}

function drawRandom(books: readonly Book[], random: SeededRandom): Drawn {
  const book = pick(books, random);
  const [scenario, { lines }] = pick([...book.recordings], random);
  if (random.chance(0.3)) return { book, scenario, moment: { kind: "line", line: random.integer(1, lines) } };
  return { book, scenario, moment: { kind: "time", fraction: random.next() } };
}

/** One group for each direction, step and phase, so that none is left out for another that has more points. */
function groupCandidates(books: readonly Book[]): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  for (const book of books) {
    for (const [scenario, { points }] of book.recordings) {
      for (const point of points) {
        for (const phase of phasesOf(point)) {
          const key = `${scenario.direction} ${groupStep(scenario, point)} ${phase}`;
          const group = groups.get(key) ?? [];
          group.push({ book, scenario, point, phase });
          groups.set(key, group);
        }
      }
    }
  }
  return groups;
}

/** Until it restores, `up --restore` is an `up`. */
function groupStep({ direction }: Scenario, { step }: Point): string {
  return direction === "up --restore" && step !== "archive" ? "graft" : step;
}

function phasesOf(point: Point): Phase[] {
  const phases: Phase[] = point.text === "" ? [] : ["before", "during", "after"];
  if (holds(point) !== null) phases.push("held up");
  if (point.looks > 0) phases.push("later");
  return phases;
}

/** What holds a statement up: a lock that its transaction needs at its end, or one that it waits for anyway. */
export function holds({ text }: Point): "record" | "table" | null {
  if (/CREATE (UNIQUE )?INDEX CONCURRENTLY|LOCK TABLE/.test(text)) return "table";
  const records = /(INSERT INTO|DELETE FROM) "authgraft"."provenance"/.test(text);
  return records && !text.includes('CREATE TABLE "authgraft"."provenance"') ? "record" : null;
}

/** For a run that was over before the moment came: nearer to its beginning. */
export function sooner(moment: Moment): Moment | null {
  if (moment.kind === "time") return { kind: "time", fraction: moment.fraction / 2 };
  // How many batches there are follows from how fast they go.
  if (moment.kind === "point" && moment.point.occurrence > 1)
    return { ...moment, point: { ...moment.point, occurrence: moment.point.occurrence - 1 } };
  return moment.kind === "line" && moment.line > 1 ? { kind: "line", line: moment.line - 1 } : null;
}

function pick<Item>(items: readonly Item[], random: SeededRandom): Item {
  const item = items[random.integer(0, items.length - 1)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function shuffle<Item>(items: Item[], random: SeededRandom): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [items[last], items[other]] = [items[other] as Item, items[last] as Item];
  }
  return items;
}
