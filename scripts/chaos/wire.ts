/** Cuts what comes over a PostgreSQL connection into its messages. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);
  #typed: boolean;

  /** `typed`: false for a client's side, whose first message has a length and no type. */
  constructor(typed: boolean) {
    this.#typed = typed;
  }

  /**
   * The messages that are whole by now; what is left of the bytes waits for more.
   *
   * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
   */
  take(chunk: Buffer): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      const head = this.#typed ? 1 : 0;
      if (this.#pending.length < head + 4) return messages;
      const size = head + this.#pending.readInt32BE(head);
      if (this.#pending.length < size) return messages;
      messages.push(this.#pending.subarray(0, size));
      this.#pending = this.#pending.subarray(size);
      this.#typed = true;
    }
  }
}

/** The type of a message, as the letter that the documentation names it by. */
export function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

/** The server process behind a connection, from BackendKeyData. */
export function pidOf(message: Buffer): number {
  return message.readInt32BE(5);
}

/** What a client asks for, from Query, Parse or Bind; `named` remembers what was prepared under a name. */
export function statementText(message: Buffer, named: Map<string, string>): string | null {
  const type = typeOf(message);
  if (type === "Q") return stringAt(message, 5).text;
  if (type === "P") {
    const name = stringAt(message, 5);
    const { text } = stringAt(message, name.end);
    named.set(name.text, text);
    return text;
  }
  if (type !== "B") return null;
  const portal = stringAt(message, 5);
  return named.get(stringAt(message, portal.end).text) ?? null;
}

function stringAt(message: Buffer, start: number): { readonly text: string; readonly end: number } {
  const end = message.indexOf(0, start);
  return { text: message.toString("utf8", start, end), end: end + 1 };
}
