import { describe, expect, test } from "vitest";
import { outcomeOf, WANTED } from "../../scripts/vectors/outcome.ts";
import type { Vector } from "../../scripts/vectors/rows.ts";
import { createHashReader, PASSWORD_FORMATS } from "../../src/passwords/registry.ts";
import { VECTOR_FILES, VECTORS, vectorsOf } from "./support/vectors.ts";

/** Formats that recognise texts and verify none. */
const VERIFY_NOTHING: readonly string[] = ["unusable", "refused-by-name"];

describe.for(VECTOR_FILES)("%s, made by other programs", (file) => {
  test.for(vectorsOf(file).map((vector) => [vector.row, vector.kind, vector.format, vector] as const))(
    "row %i is %s: %s",
    ([, , , vector]) => {
      expect(outcomeOf(vector)).toBeOneOf([...WANTED[vector.kind]]);
    },
  );
});

describe("the vectors", () => {
  test("are five or more for each format that verifies anything", () => {
    const counts = countBy(correct, formatOf);
    const few = PASSWORD_FORMATS.map(({ id }) => id).filter((id) => (counts.get(id) ?? 0) < 5);
    expect(few.sort()).toEqual([...VERIFY_NOTHING].sort());
  });

  test("are five or more for each way in which a hash is written", () => {
    const few = [...countBy(correct, ({ format }) => format)].filter(([, count]) => count < 5);
    expect(few).toEqual([]);
  });

  test("have broken texts of each format, and of those that verify nothing", () => {
    const broken = new Set(VECTORS.filter(({ kind }) => kind !== "correct").map(formatOf));
    // What has no beginning of its own is nobody's when it is broken.
    const unmarked = ["hex-digest", "described-digest", "salt-key-scrypt"];
    const whole = PASSWORD_FORMATS.map(({ id }) => id).filter((id) => !broken.has(id));
    expect(whole.filter((id) => !unmarked.includes(id))).toEqual([]);
  });
});

const correct = VECTORS.filter(({ kind }) => kind === "correct");

/** The `id` of the format that has a vector's hash. */
function formatOf({ hash, settings }: Vector): string | undefined {
  const context = { settings, readInner: createHashReader(settings) };
  return PASSWORD_FORMATS.find((format) => format.read(hash, context) !== null)?.id;
}

function countBy<Key>(vectors: readonly Vector[], keyOf: (vector: Vector) => Key): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const vector of vectors) counts.set(keyOf(vector), (counts.get(keyOf(vector)) ?? 0) + 1);
  return counts;
}
