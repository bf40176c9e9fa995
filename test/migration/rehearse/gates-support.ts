import { expect, onTestFinished, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import type { Outcome } from "../../../src/migration/rehearse/gates/outcome.ts";
import { restoreGate } from "../../../src/migration/rehearse/gates/restore.ts";
import type { Restored, Room } from "../../../src/migration/rehearse/gates/room.ts";
import { ScratchDatabases } from "../../../src/migration/rehearse/gates/scratch-databases.ts";
import { upOnCopyGate } from "../../../src/migration/rehearse/gates/up-on-copy.ts";
import { serverMajor } from "../../support/postgres.ts";
import { type SourceOptions, scratchServer, sqlSource } from "./rehearse-support.ts";

/** Whether this is the newest PostgreSQL. */
export const NEWEST = serverMajor() === 18;

/** A test of what has nothing to do with PostgreSQL's version: it runs on the newest alone. */
export function testOnNewest(name: string, run: () => Promise<void>): void {
  if (NEWEST) test(name, run);
}

/** What the gates of a rehearsal of this source work with. */
export async function openRoom(
  options: SourceOptions,
  configuration: ConfigurationInput = {},
): Promise<Room> {
  const databases = new ScratchDatabases(await scratchServer(), undefined);
  onTestFinished(async () => {
    expect(await databases.dropAll()).toEqual([]);
  });
  return {
    source: sqlSource(options),
    databases,
    configuration: parseConfiguration(configuration),
    onProgress: () => undefined,
    signal: undefined,
  };
}

export function restore(room: Room): Promise<Outcome<Restored>> {
  return restoreGate(room, () => undefined);
}

/** The value of a gate that passed. */
function passed<Value>({ value, detail }: Outcome<Value>): Value {
  if (value === null) throw new Error(detail);
  return value;
}

export async function restored(options: SourceOptions, configuration?: ConfigurationInput) {
  const room = await openRoom(options, configuration);
  return { room, from: passed(await restore(room)) };
}

export async function grafted(options: SourceOptions) {
  const { room, from } = await restored(options);
  return { room, on: passed(await upOnCopyGate(room, from)) };
}

/** An event trigger that does something when a statement of a kind has changed the users table. */
export function whenChanged(statements: string, condition = "true"): string {
  return `CREATE FUNCTION public.planted() RETURNS event_trigger LANGUAGE plpgsql AS $planted$
    BEGIN
      IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.users') AND ${condition}
      THEN ${statements}; END IF;
    END $planted$;
    CREATE EVENT TRIGGER planted ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.planted()`;
}

export const HAS_HASH =
  "EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = 'password_hash' AND NOT attisdropped)";
