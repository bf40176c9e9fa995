import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { fill } from "./holdings.ts";
import { type OldColumns, type Picture, readOldColumns, takePicture } from "./picture.ts";
import { type Point, PointRecorder } from "./points.ts";
import { Relay } from "./relay.ts";
import { SCENARIOS, type Scenario, type Stage, type Subject } from "./scenario.ts";
import { type Database, type Site, stageName, withClient } from "./site.ts";

/** What a run of a command that nobody killed was like. */
export interface Recording {
  readonly points: readonly Point[];
  /** How many lines it said. */
  readonly lines: number;
  readonly milliseconds: number;
}

/** Of a subject: how its database looks at every stage, and how each command goes when it is left alone. */
export interface Book {
  readonly subject: Subject;
  readonly columns: OldColumns;
  readonly pictures: ReadonlyMap<Stage, Picture>;
  readonly recordings: ReadonlyMap<Scenario, Recording>;
}

/** Makes the databases to begin with, each by a run that is written down. */
export async function writeBook(site: Site, subject: Subject): Promise<Book> {
  const pictures = new Map<Stage, Picture>();
  const recordings = new Map<Scenario, Recording>();
  const original = await site.original(subject);
  const columns = await withClient(original.superuserUrl, readOldColumns);
  const photograph = async (stage: Stage, database: Database) => {
    const picture = await withClient(database.superuserUrl, (client) =>
      takePicture(client, subject, columns),
    );
    pictures.set(stage, picture);
  };
  await photograph("original", original);
  for (const scenario of SCENARIOS) {
    if (scenario.from === "filled") await makeFilled(site, subject, photograph);
    const database = await site.copy(stageName(subject, scenario.from), resultName(subject, scenario));
    recordings.set(scenario, await record(site, scenario, database));
    if (scenario.to !== "original") await photograph(scenario.to, database);
  }
  return { subject, columns, pictures, recordings };
}

async function makeFilled(
  site: Site,
  subject: Subject,
  photograph: (stage: Stage, database: Database) => Promise<void>,
): Promise<void> {
  const database = await site.copy(stageName(subject, "grafted"), stageName(subject, "filled"));
  await withClient(database.superuserUrl, (client) => fill(client, subject.sample === "a"));
  await photograph("filled", database);
}

/** Where a command leads to is what the next begins with, but for the way back. */
function resultName(subject: Subject, { to }: Scenario): string {
  return to === "original" ? `result_${subject.name}` : stageName(subject, to);
}

async function record(site: Site, { direction }: Scenario, database: Database): Promise<Recording> {
  const recorder = new PointRecorder();
  const relay = await Relay.start(site.server.port, recorder);
  const options = { databaseUrl: relay.url(database.url), onProgress: recorder.onProgress };
  const begun = performance.now();
  try {
    const { steps, refusals } = await (direction.startsWith("up")
      ? up({ ...options, restore: direction === "up --restore" })
      : down({ ...options, archive: direction === "down --archive" }));
    if (refusals.length > 0) throw new Error(`${direction} is refused: ${refusals[0]?.message}`);
    const milliseconds = performance.now() - begun;
    return { points: recorder.points(steps), lines: recorder.lines.length, milliseconds };
  } finally {
    await relay.stop();
  }
}
