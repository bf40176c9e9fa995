import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { type Book, writeBook } from "./book.ts";
import { drawKills, type Kill } from "./draw.ts";
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
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Kills again and again. Every lane has a server of its own, so that one's end disturbs no other's runs. */
export async function chaos(options: ChaosOptions): Promise<Outcome[]> {
  const waiting = [...options.kills];
  const outcomes: Outcome[] = [];
  const lane = async () => {
    const site = await Site.open(options.major);
    try {
      const draw = await prepare(site, options);
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const outcome = await carryOut(draw(number), site);
        outcomes.push(outcome);
        options.onOutcome?.(outcome);
      }
    } finally {
      await site.close();
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return outcomes;
}

async function prepare(site: Site, { subjects, seed }: ChaosOptions): Promise<(number: number) => Kill> {
  const books: Book[] = [];
  for (const subject of subjects) books.push(await writeBook(site, subject));
  return drawKills(books, seed);
}
