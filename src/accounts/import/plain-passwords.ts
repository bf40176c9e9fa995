import { MigrationError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import type { SourceRow, SourceRows, SourceValues } from "./source/source-row.ts";
import { ROWS, VERDICTS } from "./stage.ts";

/** How many hashes wait at once: enough for every thread, and few enough that stopping is quick. */
const AT_ONCE = 16;

/** Hashes plaintext passwords of a file that is read once more, batch by batch as they are about to be written. */
export class PlainPasswords {
  readonly #rows: AsyncIterator<readonly SourceRow[]>;
  readonly #hash: (password: string) => Promise<string>;
  readonly #assertUnchanged: () => Promise<void>;
  #waiting: readonly SourceRow[] = [];

  /**
   * @param hash what becomes of a password.
   * @param assertUnchanged throws where the file is no longer what it was.
   */
  constructor(
    rows: SourceRows,
    hash: (password: string) => Promise<string>,
    assertUnchanged: () => Promise<void>,
  ) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#hash = hash;
    this.#assertUnchanged = assertUnchanged;
  }

  /**
   * Puts the hashes of the rows of a batch into the stage. Batches are asked for in their order.
   *
   * @throws MigrationError `import_invalid` where the file is not what it was: a password is never somebody else's.
   */
  async fill(client: Queryable, from: number, to: number): Promise<void> {
    const wanted = await this.#wanted(client, from, to);
    if (wanted.size === 0) return;
    const passwords = await this.#find(wanted, to);
    await this.#assertUnchanged();
    const numbers = [...passwords.keys()];
    const hashes: string[] = [];
    for (let at = 0; at < numbers.length; at += AT_ONCE) {
      const some = numbers.slice(at, at + AT_ONCE).map((row) => this.#hash(passwords.get(row) ?? ""));
      hashes.push(...(await Promise.all(some)));
    }
    await client.query(
      `UPDATE ${ROWS} AS s SET hash = x.hash FROM unnest($1::int4[], $2::text[]) AS x(row, hash) WHERE s.row = x.row`,
      [numbers, hashes],
    );
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#rows.return?.();
  }

  async #wanted(client: Queryable, from: number, to: number): Promise<ReadonlyMap<number, Owner>> {
    const { rows } = await client.query<Owner & { row: number }>(
      `SELECT s.row, s.id::text, s.email, s.username FROM ${ROWS} s JOIN ${VERDICTS} v ON v.row = s.row
       WHERE s.row > $1 AND s.row <= $2 AND s.plain AND (v.outcome = 'new' OR v.outcome <> 'refused' AND v.sets_password)`,
      [from, to],
    );
    return new Map(rows.map(({ row, ...owner }) => [row, owner]));
  }

  async #find(wanted: ReadonlyMap<number, Owner>, to: number): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (;;) {
      for (const { row, values } of this.#waiting) {
        const owner = wanted.get(row);
        if (owner === undefined) continue;
        if (values.password === undefined || !isOwner(values, owner)) throw changed();
        found.set(row, values.password);
      }
      if ((this.#waiting.at(-1)?.row ?? -1) >= to) break;
      const { done, value } = await this.#rows.next();
      if (done === true) break;
      this.#waiting = value;
    }
    this.#waiting = this.#waiting.filter(({ row }) => row > to);
    if (found.size < wanted.size) throw changed();
    return found;
  }
}

/** Whose password it was when the file was read first, as it was staged. */
interface Owner {
  readonly id: string | null;
  readonly email: string | null;
  readonly username: string | null;
}

function isOwner(values: SourceValues, { id, email, username }: Owner): boolean {
  const isSameId = id === null || (values.id !== undefined && plainId(values.id) === plainId(id));
  return (
    isSameId &&
    (email === null || values.email === email) &&
    (username === null || values.username === username)
  );
}

/** An id as PostgreSQL gives it back is written its own way: `007` is 7, and a UUID has hyphens and small letters. */
function plainId(id: string): string {
  if (/^-?\d{1,19}$/.test(id)) return BigInt(id).toString();
  return /^[\da-f-]{32,36}$/i.test(id) ? id.toLowerCase().replaceAll("-", "") : id;
}

function changed(): MigrationError {
  return new MigrationError("import_invalid", "The file is not what it was when it was read first.", {
    fix: "Run the same command again once it stays as it is; what was written before stands.",
  });
}
