import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, Run } from "./command-line.ts";
import type { Kill, Phase } from "./draw.ts";
import { Holder } from "./holder.ts";
import { normalize, Occurrences, type Point, writes } from "./points.ts";
import { Relay, type Turn, type Watcher } from "./relay.ts";
import { argumentsOf } from "./scenario.ts";
import type { Database, Site } from "./site.ts";

/** What a kill met. */
export interface Struck {
  /** What the run was at when it was struck. */
  readonly point: Point;
  readonly phase: Phase;
  readonly ended: Ended;
  /** Who held it up, when they do still. */
  readonly holder: Holder | null;
}

/** How long a statement that is held up may take to come to its wait, in milliseconds. */
const UNTIL_HELD_UP = 3_000;

/** Runs a command and kills it at the moment. Null: it was over before that moment came. */
export async function strike(kill: Kill, site: Site, database: Database): Promise<Struck | null> {
  const attempt = new Attempt(kill, site, database);
  const relay = await Relay.start(site.server.port, attempt);
  try {
    return await attempt.run(relay.url(database.url));
  } finally {
    await relay.stop();
  }
}

class Attempt implements Watcher {
  readonly #kill: Kill;
  readonly #site: Site;
  readonly #database: Database;
  readonly #points: readonly Point[];
  readonly #occurrences = new Occurrences();
  readonly #struck = Promise.withResolvers<Pick<Struck, "point" | "phase">>();
  #run: Run | null = null;
  #started = 0;
  #striking = false;
  #holder: Holder | null = null;
  /** The last point that was reached, and what has become of it. */
  #point: Point;
  #pid = 0;
  #phase: Phase = "later";
  #looks = 0;

  constructor(kill: Kill, site: Site, database: Database) {
    [this.#kill, this.#site, this.#database] = [kill, site, database];
    const recording = kill.book.recordings.get(kill.scenario);
    this.#points = recording?.points ?? [];
    const [beginning] = this.#points;
    if (beginning === undefined) throw new Error("nothing was recorded");
    this.#point = beginning;
  }

  async run(url: string): Promise<Struck | null> {
    const { moment } = this.#kill;
    const run = new Run(argumentsOf(this.#kill.scenario.direction), url, (count) => {
      if (moment.kind === "line" && count === moment.line) void this.#strike();
    });
    this.#run = run;
    const ended = run.ended.then(async (how) => ({
      how,
      struck: this.#striking ? await this.#struck.promise : null,
    }));
    const { how, struck } = await ended;
    if (struck !== null) return { ...struck, ended: how, holder: this.#holder };
    // What is still to strike comes too late.
    this.#striking = true;
    await this.#holder?.letGo();
    return null;
  }

  async asked({ pid, text: asked }: Turn): Promise<boolean> {
    if (this.#started === 0) this.#begin();
    const text = normalize(asked);
    if (writes(text)) return this.#reach(pid, text);
    // Whoever only watches a run is not what is killed.
    if (this.#point.text !== "" && pid !== this.#pid) return true;
    this.#pid = pid;
    this.#looks++;
    this.#phase = "later";
    return this.#isAt("later") ? this.#strike() : true;
  }

  async #reach(pid: number, text: string): Promise<boolean> {
    // Fewer looks than when it was recorded: this is the last moment before the next point.
    if (this.#isAfter()) return this.#strike("later");
    this.#pid = pid;
    this.#looks = 0;
    this.#phase = "before";
    const occurrence = this.#occurrences.next(text);
    const known = this.#points.find((point) => point.text === text && point.occurrence === occurrence);
    this.#point = known ?? { ...this.#point, text, occurrence, looks: 0 };
    if (this.#isAt("before")) return this.#strike();
    if (this.#isAt("held up")) this.#holder = await Holder.before(this.#point, this.#database);
    return true;
  }

  sent({ pid }: Turn): void {
    if (this.#phase !== "before" || pid !== this.#pid) return;
    this.#phase = "during";
    if (this.#isAt("during")) void sleep(this.#kill.lag).then(() => this.#strike());
    if (this.#isAt("held up")) void this.#untilHeldUp(pid).then(() => this.#strike("held up"));
  }

  async answered({ pid }: Turn): Promise<boolean> {
    if (this.#phase !== "during" || pid !== this.#pid) return true;
    this.#phase = "after";
    return this.#isAt("after") ? this.#strike() : true;
  }

  /** A run's time counts from its first question, not from the start of its process. */
  #begin(): void {
    this.#started = performance.now();
    const { moment, book, scenario } = this.#kill;
    if (moment.kind !== "time") return;
    const whole = book.recordings.get(scenario)?.milliseconds ?? 0;
    void sleep(whole * moment.fraction).then(() => this.#strike());
  }

  #isAt(phase: Phase): boolean {
    const { moment } = this.#kill;
    if (moment.kind !== "point" || moment.phase !== phase || !this.#isPoint(moment.point)) return false;
    return phase !== "later" || moment.looks === this.#looks;
  }

  #isAfter(): boolean {
    const { moment } = this.#kill;
    return moment.kind === "point" && moment.phase === "later" && this.#isPoint(moment.point);
  }

  #isPoint({ text, occurrence }: Point): boolean {
    return text === this.#point.text && occurrence === this.#point.occurrence;
  }

  async #untilHeldUp(pid: number): Promise<void> {
    const sql =
      "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND (wait_event_type = 'Lock' OR wait_event = 'PgSleep')";
    const until = performance.now() + UNTIL_HELD_UP;
    while (performance.now() < until && (await this.#site.administrate(sql, [pid])).length === 0)
      await sleep(2);
    await sleep(this.#kill.lag * 20);
  }

  /** Kills, once; false, because what is held up goes no further. */
  async #strike(phase = this.#phase): Promise<boolean> {
    if (this.#striking || this.#run === null) return false;
    this.#striking = true;
    const point = this.#point;
    await this.#hit(this.#run);
    if (this.#holder !== null && !this.#holdsOn()) {
      await this.#holder.letGo();
      this.#holder = null;
    }
    this.#struck.resolve({ point, phase });
    return false;
  }

  #holdsOn(): boolean {
    return this.#kill.holdOn && this.#kill.means !== "server";
  }

  async #hit(run: Run): Promise<void> {
    const { means } = this.#kill;
    if (means === "client") run.kill();
    else if (means === "backend") {
      await this.#site.administrate("SELECT pg_terminate_backend($1, 10000)", [this.#pid]);
    } else {
      await this.#site.crash();
      await this.#site.start();
    }
  }
}
