import { type DownResult, down } from "../../down.ts";
import { explain } from "./gate-record.ts";
import { type LogicalSchema, readLogicalSchema } from "./logical-schema.ts";
import { makePasswordUser } from "./password-user.ts";
import { factsOf, type Room, runOptions } from "./room.ts";
import { digestOf, type RowDigest } from "./row-digest.ts";
import type { Grafted } from "./up-on-copy.ts";

/** What taking the graft out of the copy came to. */
export interface TakenOut {
  /** With a user who has a password: the refusal; null where no such user could be made. */
  readonly refusal: DownResult | null;
  /** Why no such user could be made. */
  readonly noUser: string | null;
  /** Null where `down` failed. */
  readonly result: DownResult | null;
  /** What `down` failed with. */
  readonly failure: string | null;
  readonly schema: LogicalSchema;
  readonly rows: RowDigest;
  readonly seconds: number;
}

/** `down` on the copy; and on a copy of that, with a user who would lose their password. */
export async function takeOut(room: Room, { url, restored }: Grafted): Promise<TakenOut> {
  const { databases } = room;
  const { refusal, noUser } = await tryWithUser(room, url);
  const began = performance.now();
  const result = await down(runOptions(room, url)).catch((error: unknown) => explain(error));
  const seconds = Math.round(performance.now() - began) / 1_000;
  const after = {
    schema: await databases.looking(url, readLogicalSchema),
    rows: await databases.reading(url, (client) => digestOf(client, restored.situation.users)),
  };
  return {
    ...{ refusal, noUser, seconds, ...after },
    ...(typeof result === "string" ? { result: null, failure: result } : { result, failure: null }),
  };
}

/** The user comes into a copy of its own: what the application's triggers write beside a user, nobody could take back. */
async function tryWithUser(room: Room, grafted: string): Promise<Pick<TakenOut, "refusal" | "noUser">> {
  const url = await room.databases.copyOf(grafted);
  try {
    const situation = await factsOf(room, url);
    const made = await room.databases.acting(url, (client) => makePasswordUser(client, situation));
    if (made.user === null) return { refusal: null, noUser: made.why };
    return { refusal: await down(runOptions(room, url)), noUser: null };
  } finally {
    await room.databases.drop(url);
  }
}
