import { describePlace, dumpInvalid, type Place } from "./dump-error.ts";
import { DumpReader } from "./dump-reader.ts";
import { DumpSettings } from "./dump-settings.ts";
import { ruleFor } from "./statement-rule.ts";
import { subjectOf } from "./statement-subject.ts";
import { firstTokens, keyword } from "./tokens.ts";

/** The names of the tables that a dump of several databases makes, by database. */
export type Survey = ReadonlyMap<string, ReadonlySet<string>>;

/** The database that a `\connect` of pg_dump or pg_dumpall leads to; undefined for any other command. */
function connectTarget(command: string): string | undefined {
  const target = /^\\c(?:onnect)?\s+(?:-reuse-previous=\w+\s+)?(.+?)\s*$/.exec(command)?.[1];
  if (target === undefined) return undefined;
  const text = /^"(.*)"$/.exec(target)?.[1]?.replaceAll('""', '"') ?? target;
  const named = /^dbname='(.*)'$/.exec(text)?.[1]?.replaceAll(/\\(.)/g, "$1");
  return named ?? text;
}

/**
 * Reads through a dump of several databases, as pg_dumpall writes it, and lists the tables of each.
 *
 * @throws MigrationError `dump_invalid`
 */
export async function surveyDump(bytes: AsyncIterable<Uint8Array>): Promise<Survey> {
  const reader = new DumpReader(bytes);
  const settings = new DumpSettings(reader);
  const survey = new Map<string, Set<string>>();
  let current = new Set<string>();
  try {
    for (let item = await reader.next(); item !== undefined; item = await reader.next()) {
      if (item.kind === "command") {
        const database = connectTarget(item.text);
        if (database === undefined) continue;
        current = survey.get(database) ?? new Set();
        survey.set(database, current);
      } else if (item.kind === "statement") {
        settings.note(item.text);
        const head = firstTokens(item.text, 14);
        const { kind, name } = subjectOf(head);
        if (keyword(head[0]) === "CREATE" && kind === "table") current.add(name);
        if (ruleFor(item.text, "schema").does === "copy") for await (const _ of reader.copyData(name));
      }
    }
  } finally {
    await reader.close();
  }
  return survey;
}

/** Follows which database the dump speaks of, and whether that is the one to restore. */
export class DumpSections {
  readonly #wanted: string | null;
  #current: string | null = null;

  /** @param wanted the database to restore, of several; null where there is but one. */
  constructor(wanted: string | null) {
    this.#wanted = wanted;
  }

  /** Whether what follows is restored. */
  get isWanted(): boolean {
    return this.#wanted === null || this.#wanted === this.#current;
  }

  /** @throws MigrationError `dump_invalid` for any command but those that pg_dump writes. */
  command(text: string, place: Place): void {
    if (/^\\(un)?restrict\b/.test(text)) return;
    const database = connectTarget(text);
    if (database === undefined) throw foreignCommand(text, place);
    if (this.#wanted === null && this.#current !== null && this.#current !== database) {
      throw severalDatabases([this.#current, database]);
    }
    this.#current = database;
  }
}

/** The refusal of a dump of several databases where none of them can be picked. */
export function severalDatabases(names: readonly string[]): Error {
  return dumpInvalid(
    `The dump holds several databases (${names.join(", ")}), and which of them has the users table is not clear.`,
    "Make a dump of that database alone: pg_dump --file=app.sql app.",
  );
}

/** psql would run programs and read files for it; here it is text. */
function foreignCommand(text: string, place: Place): Error {
  const command = /^\\\S*/.exec(text)?.[0] ?? "\\";
  return dumpInvalid(
    `At ${describePlace(place)} stands ${command}, a command to psql that pg_dump never writes: nothing of the kind is run.`,
    "Take the line out, or give what pg_dump wrote, as it wrote it.",
  );
}
