import { describe, expect, test } from "vitest";
import type { Gate } from "../../../src/migration/rehearse/rehearsal.ts";
import { redGates, rehearsalDatabases, rehearseHere, sqlSource } from "./rehearse-support.ts";

describe.each(["a", "b"] as const)("a rehearsal of sample %s", (sample) => {
  test("is a go, tells every gate as it is known, and leaves no database behind", async () => {
    const told: Gate[] = [];
    const rehearsal = await rehearseHere(sqlSource({ sample }), { onGate: (gate) => told.push(gate) });
    expect(redGates(rehearsal)).toEqual([]);
    expect(rehearsal).toMatchObject({ decision: "go", table: "public.users" });
    expect(told).toEqual(rehearsal.gates);
    expect(await rehearsalDatabases()).toEqual([]);
  });
});
