import { parseConfiguration } from "../../src/config/parse.ts";
import { createHashingPool, type HashingPool } from "../../src/passwords/pool/hashing-pool.ts";
import type { Kind } from "./kinds.ts";
import type { Sample } from "./pairs.ts";

/** Verifications in vain that are not filled up to any level. */
const UNLEVELLED = 0;

/**
 * The control: the same failures by the hashing pool without the levelling, each once a round. If these could not be
 * told apart, the comparison would prove nothing.
 */
export async function timeUnlevelled(kinds: readonly Kind[], times: number): Promise<Sample[]> {
  const { algorithm, bcryptCost, legacy } = parseConfiguration({}).passwords;
  const pool = createHashingPool({ hashes: { algorithm, bcryptCost }, formats: legacy });
  const samples = kinds.map(({ name, stored }) => ({
    name,
    stored: stored?.("right") ?? null,
    taken: [] as number[],
  }));
  try {
    for (let round = -5; round < times; round++) {
      for (const { stored, taken } of samples) {
        const milliseconds = await timeOne(pool, stored);
        if (round >= 0) taken.push(milliseconds);
      }
    }
  } finally {
    await pool.close();
  }
  return samples;
}

async function timeOne(pool: HashingPool, stored: string | null): Promise<number> {
  const candidates = [Buffer.from("wrong")];
  const start = performance.now();
  await pool.run({ kind: "verify", stored, candidates, level: { stored: "", microseconds: UNLEVELLED } });
  return performance.now() - start;
}
