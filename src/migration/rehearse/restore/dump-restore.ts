import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../../postgres/sqlstate.ts";
import type { LoadOptions } from "../rehearsal.ts";
import { damagedRows, isUnreadableConstant, isUnreadableRow } from "./damaged-rows.ts";
import { describePlace, dumpInvalid, type Place, restoreInterrupted } from "./dump-error.ts";
import { assertNotNewer, DumpFrame } from "./dump-frame.ts";
import { type DumpItem, DumpReader } from "./dump-reader.ts";
import { DumpSections } from "./dump-sections.ts";
import { DumpSettings, isImmaterial } from "./dump-settings.ts";
import { type FailedInsert, InsertBatch } from "./insert-batch.ts";
import { type InsertShape, insertShape } from "./insert-shape.ts";
import { type LeftOutList, reasonOf } from "./left-out-list.ts";
import type { MadeUpRoles } from "./made-up-roles.ts";
import { creationBy, ownerChange } from "./owner-change.ts";
import type { Standing } from "./restore-role.ts";
import type { Outcome, RestoreSession } from "./restore-session.ts";
import { ruleFor } from "./statement-rule.ts";
import { type Subject, statementSubject, subjectOf } from "./statement-subject.ts";
import { firstTokens, keyword, nameOf } from "./tokens.ts";

/** What a dump is restored with, connected. */
export interface RestoreParts extends LoadOptions {
  readonly database: string | null;
  readonly standing: Standing;
  readonly session: RestoreSession;
  readonly roles: MadeUpRoles;
  readonly leftOut: LeftOutList;
}

const HEAD = 40;
/** What pg_dump --clean begins with. */
const CLEANS = /^\s*(DROP|ALTER TABLE( IF EXISTS)?( ONLY)? \S+\s+(DROP CONSTRAINT|ALTER COLUMN \S+ DROP))\b/i;
const UNKNOWN_OBJECT = new Set(["42P01", "42704", "42883", "3F000", "42703"]);

/** One run through a dump, statement by statement. */
export class DumpRestore {
  readonly #parts: RestoreParts;
  readonly #reader: DumpReader;
  readonly #frame = new DumpFrame();
  readonly #sections: DumpSections;
  readonly #settings: DumpSettings;
  readonly #inserts: InsertBatch;
  /** Tables that take no row, as they are not there. */
  readonly #missing = new Set<string>();
  #statements = 0;
  #copied = 0;
  #table = "";
  /** Whom the dump acts as, as SQL names it; null for the role that restores it. */
  #role: string | null = null;

  constructor(bytes: AsyncIterable<Uint8Array>, parts: RestoreParts) {
    this.#parts = parts;
    this.#reader = new DumpReader(bytes);
    this.#sections = new DumpSections(parts.database);
    this.#settings = new DumpSettings(this.#reader);
    this.#inserts = new InsertBatch(parts.session, (failed) => this.#insertFailed(failed));
  }

  /** Restores all of it; returns how many rows were written. */
  async run(): Promise<number> {
    try {
      for (let item = await this.#next(); item !== undefined; item = await this.#next()) {
        await this.#take(item);
      }
      await this.#inserts.flush();
    } finally {
      await this.#reader.close();
    }
    this.#frame.assertComplete(this.#statements, this.#reader.place);
    if (this.#parts.session.inTransaction) throw openTransaction(this.#reader.place);
    return this.#copied + this.#inserts.rows;
  }

  #next(): Promise<DumpItem | undefined> {
    if (this.#parts.signal?.aborted === true) throw restoreInterrupted();
    return this.#reader.next();
  }

  async #take(item: DumpItem): Promise<void> {
    if (item.kind === "comment") {
      this.#frame.note(item.text);
      assertNotNewer(this.#frame.major, this.#parts.standing.major);
    } else if (item.kind === "command") {
      this.#sections.command(item.text, item.place);
    } else {
      this.#statements++;
      await this.#statement(item.text, item.place);
    }
  }

  async #statement(sql: string, place: Place): Promise<void> {
    const insert = insertShape(sql);
    if (insert !== null) return this.#insert(sql, insert);
    this.#settings.note(sql);
    const rule = ruleFor(sql, this.#parts.part);
    const head = firstTokens(sql, HEAD);
    const subject = subjectOf(head);
    if (rule.does === "copy") return this.#copy(sql, subject, place);
    if (!this.#sections.isWanted || rule.does === "pass over") return;
    await this.#inserts.flush();
    if (rule.does === "leave out") {
      // A COPY to or from a file leaves no rows out that the dump has.
      const named = subject.kind === "rows" ? statementSubject(head) : subject;
      return this.#parts.leftOut.add(named, rule.reason);
    }
    const written = rule.does === "switch role" ? asRole(sql) : sql;
    const prepared = await this.#parts.roles.prepare(written, !isPublicOwner(sql, subject));
    if (rule.does === "switch role") this.#role = /^SET ROLE (.+)$/.exec(prepared)?.[1] ?? null;
    await this.#run(prepared, subject);
  }

  async #run(sql: string, subject: Subject): Promise<void> {
    let { error } = await this.#parts.session.run(sql);
    if (error === undefined) return;
    if (sqlState(error) === SqlState.insufficientPrivilege) error = await this.#withCreate(sql, error);
    else if (UNKNOWN_OBJECT.has(sqlState(error) ?? ""))
      ({ error } = await this.#parts.session.runWithPublic(sql));
    if (error === undefined || isExpected(sql, subject, error)) return;
    if (subject.kind === "setting") await this.#resetSetting(subject.name);
    if (subject.kind === "table") this.#missing.add(subject.name);
    this.#parts.leftOut.add(subject, reasonOf(error));
  }

  /** An owner needs CREATE where its object stands; it had that when the object was made, and has it here meanwhile. */
  async #withCreate(sql: string, refused: Error): Promise<Error | undefined> {
    const change =
      this.#role === null ? ownerChange(sql, this.#parts.standing.database) : creationBy(sql, this.#role);
    if (change === null) return refused;
    const { error } = await this.#parts.session.run(change);
    return error === undefined ? undefined : refused;
  }

  /** As the server has it: the next table would go where the one before went. */
  async #resetSetting(name: string): Promise<void> {
    if (name.startsWith("default_")) await this.#parts.session.run(`RESET ${quoteIdentifier(name)}`);
  }

  async #insert(sql: string, shape: InsertShape): Promise<void> {
    if (!this.#sections.isWanted || this.#parts.part === "schema" || this.#missing.has(shape.table)) return;
    this.#progress(shape.table);
    await this.#inserts.add(sql, shape);
  }

  #insertFailed({ table, error }: FailedInsert): void {
    if (isUnreadableConstant(error)) throw this.#damaged(`The rows of ${table}`, error);
    if (UNKNOWN_OBJECT.has(sqlState(error) ?? "")) this.#missing.add(table);
    this.#parts.leftOut.add({ kind: "rows", name: table }, reasonOf(error));
  }

  async #copy(sql: string, subject: Subject, place: Place): Promise<void> {
    const data = this.#reader.copyData(subject.name);
    const wanted = this.#sections.isWanted && this.#parts.part === "all" && !this.#missing.has(subject.name);
    if (wanted) {
      await this.#inserts.flush();
      this.#progress(subject.name);
      this.#noteCopy(
        await this.#parts.session.copy(this.#settings.copyStatement(sql), keepOpen(data)),
        subject,
        place,
      );
    }
    // To the end of the rows, whether or not anybody wants them.
    while ((await data.next()).done !== true)
      if (this.#parts.signal?.aborted === true) throw restoreInterrupted();
  }

  #noteCopy({ error, rows }: Outcome, subject: Subject, place: Place): void {
    this.#copied += rows;
    if (error === undefined) return;
    if (isUnreadableRow(error)) {
      throw this.#damaged(`The rows of ${subject.name}, which begin after ${describePlace(place)},`, error);
    }
    this.#parts.leftOut.add(subject, reasonOf(error));
  }

  #damaged(rows: string, error: Error): Error {
    return damagedRows(rows, error, this.#frame.major, this.#parts.standing.major);
  }

  #progress(table: string): void {
    if (this.#table === table) return;
    this.#table = table;
    this.#parts.onProgress(`restoring the rows of ${table}`);
  }
}

/** The same rows, of which a reader that stops early leaves the rest to be read. */
function keepOpen(data: AsyncIterator<Buffer, void>): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => ({ next: () => data.next() }) };
}

/** SET SESSION AUTHORIZATION takes a superuser; to act as a role, being its member is enough. */
function asRole(sql: string): string {
  const [verb, , , name] = firstTokens(sql, 4);
  const isDefault = keyword(verb) === "RESET" || keyword(name) === "DEFAULT" || name === undefined;
  if (isDefault) return "RESET ROLE";
  return `SET ROLE ${name.kind === "word" ? name.text : quoteIdentifier(nameOf(name))}`;
}

/** pg_dump 15 and later say of every older server that `public` is its superuser's. */
function isPublicOwner(sql: string, subject: Subject): boolean {
  return subject.kind === "owner" && subject.name === "public" && /^ALTER SCHEMA /i.test(sql);
}

/** What fails in an empty database because it is empty, or stands there already, and takes nothing away. */
function isExpected(sql: string, subject: Subject, error: Error): boolean {
  const state = sqlState(error) ?? "";
  if (CLEANS.test(sql)) return UNKNOWN_OBJECT.has(state);
  if ((subject.kind === "schema" && state === "42P06") || isPublicOwner(sql, subject)) return true;
  return subject.kind === "setting" && isImmaterial(subject.name);
}

function openTransaction(place: Place): Error {
  return dumpInvalid(
    `The dump ends at ${describePlace(place)} in a transaction that it began: it was cut off.`,
  );
}
