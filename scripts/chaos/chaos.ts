import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { type Book, writeBook } from "./book.ts";
import type { Runner } from "./command-line.ts";
import { drawKills } from "./draw.ts";
import { eightAtOnce } from "./eight.ts";
import { carryOut, type Outcome } from "./kill.ts";
import type { Subject } from "./scenario.ts";
import { Site } from "./site.ts";

/** What a loop is made with. */
export interface ChaosOptions {
  readonly seed: number;
  readonly major: PostgresMajor;
  readonly subjects: readonly Subject[];
  /** The numbers of the kills. */
  readonly kills: readonly number[];
  /** How many servers are killed side by side. */
  readonly lanes: number;
  /** How often eight `up` run at once, after the kills. */
  readonly eights: number;
  /** How what comes after a kill is run; what is killed is always a process of the command line. */
  readonly runner: Runner;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** What all of it came to. */
export interface Chaos {
  readonly outcomes: readonly Outcome[];
  /** What went wrong with eight at once; a list for each time. */
  readonly eights: readonly (readonly string[])[];
}

/** Kills again and again. Every lane has a server of its own, so that one's end disturbs no other's runs. */
export async function chaos(options: ChaosOptions): Promise<Chaos> {
  const waiting = [...options.kills];
  const outcomes: Outcome[] = [];
  const eights: string[][] = [];
  const lane = async (number: number) => {
    const site = await Site.open(options.major);
    try {
      const books = await writeBooks(site, options.subjects);
      const draw = drawKills(books, options.seed);
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const outcome = await carryOut(draw(next), site, options.runner);
        outcomes.push(outcome);
        options.onOutcome?.(outcome);
      }
      const [book] = books;
      if (number > 0 || book === undefined) return;
      while (eights.length < options.eights) eights.push(await eightAtOnce(site, book));
    } finally {
      await site.close();
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, (_, number) => lane(number)));
  return { outcomes, eights };
}

async function writeBooks(site: Site, subjects: readonly Subject[]): Promise<Book[]> {
  const books: Book[] = [];
  for (const subject of subjects) books.push(await writeBook(site, subject));
  return books;
}
