import { type DownResult, down } from "../../down.ts";
import type { Situation } from "../../situation.ts";
import { explain } from "./gate-record.ts";
import { type LogicalSchema, readLogicalSchema } from "./logical-schema.ts";
import { deletePasswordUser, insertPasswordUser, type PasswordUser } from "./password-user.ts";
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

/** `down` on the copy: first with a user who would lose their password, then without. */
export async function takeOut(room: Room, { url, restored }: Grafted): Promise<TakenOut> {
  const { databases } = room;
  const situation = await factsOf(room, url);
  const user = await databases.acting(url, (client) =>
    insertPasswordUser(client, situation).catch((error: unknown) => explain(error)),
  );
  const refusal = typeof user === "string" ? null : await refused(room, url, situation, user);
  const began = performance.now();
  const result = await down(runOptions(room, url)).catch((error: unknown) => explain(error));
  const seconds = Math.round(performance.now() - began) / 1_000;
  const after = {
    schema: await databases.looking(url, readLogicalSchema),
    rows: await databases.reading(url, (client) => digestOf(client, restored.situation.users)),
  };
  return {
    ...{ refusal, noUser: typeof user === "string" ? user : null, seconds, ...after },
    ...(typeof result === "string" ? { result: null, failure: result } : { result, failure: null }),
  };
}

async function refused(
  room: Room,
  url: string,
  situation: Situation,
  user: PasswordUser,
): Promise<DownResult> {
  const refusal = await down(runOptions(room, url));
  if (refusal.state === "refused") {
    await room.databases.acting(url, (client) => deletePasswordUser(client, situation, user));
  }
  return refusal;
}
