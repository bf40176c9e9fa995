import { CLOCK_SKEW_SECONDS } from "../clock-skew.ts";
import type { RevocationKey } from "./revocation-key.ts";
import { RevocationShard } from "./revocation-shard.ts";

/** The generation of an entry that is about every token, whatever generation the token says. */
export const EVERY_GENERATION = 0xffff_ffff;

/** Bytes of a packed entry, all big endian: 12 of the key, 4 of the expiry, 4 of the generation. */
export const PACKED_ENTRY_BYTES = 20;

/** What has been revoked, in the memory of one process. Entries are added and expire, and are never taken back. */
export interface RevocationSet {
  /** Entries held, those that have expired and were not swept yet among them. */
  readonly size: number;
  /** What the entries take, empty slots included: at most 48 bytes for each of a large set. */
  readonly bytes: number;
  /**
   * Adds an entry, or raises the one of that key to the later expiry and the higher generation.
   *
   * @param expires seconds since 1970; past 2106 the entry stays for good, and 0 or less is nothing to add.
   * @param generation tokens of a lower one are meant; EVERY_GENERATION, or more, for every token.
   */
  add(key: RevocationKey, expires: number, generation: number): void;
  /**
   * Adds packed entries, `count` of them, leaving out the first `from`.
   *
   * @throws RangeError where the bytes end before; what came until then has been added.
   */
  addPacked(bytes: Uint8Array, from: number, count: number): void;
  /** 0 where there is no entry or it has expired; otherwise a token of a lower generation is meant by it. */
  generationOf(key: RevocationKey): number;
  /** Drops what has expired from the next few of the 4,096 shards, in turn; returns how many entries went. */
  sweep(shards: number): number;
}

/** Enough that building one anew takes a fraction of a millisecond with ten million entries in the set. */
const SHARDS = 4_096;
const SHARD_SHIFT = 20;

/**
 * Makes an empty set.
 *
 * An entry is good until the clock is CLOCK_SKEW_SECONDS past its expiry, for so long is a token.
 * No addition and no look-up waits for more than one shard to be built anew; addPacked and sweep take as many
 * at a time as the caller says.
 *
 * @param now seconds since 1970.
 */
export function createRevocationSet({ now }: { readonly now: () => number }): RevocationSet {
  const shards = new Array<RevocationShard | undefined>(SHARDS).fill(undefined);
  let next = 0;
  const horizon = () => Math.max(1, toWord(now()) - CLOCK_SKEW_SECONDS);
  const add = (first: number, second: number, third: number, expires: number, generation: number) => {
    if (expires <= 0) return;
    const at = first >>> SHARD_SHIFT;
    const shard = shards[at] ?? new RevocationShard();
    shards[at] = shard;
    shard.add(first, second, third, toWord(expires), toWord(generation), horizon());
  };
  const sweepNext = (): number => {
    const shard = shards[next];
    const dropped = shard?.sweep(horizon()) ?? 0;
    if (shard?.size === 0) shards[next] = undefined;
    next = (next + 1) % SHARDS;
    return dropped;
  };
  const sum = (of: (shard: RevocationShard) => number) =>
    shards.reduce((total, shard) => total + (shard === undefined ? 0 : of(shard)), 0);
  return {
    get size() {
      return sum((shard) => shard.size);
    },
    get bytes() {
      return sum((shard) => shard.bytes);
    },
    add([first, second, third], expires, generation) {
      add(first, second, third, expires, generation);
    },
    addPacked(bytes, from, count) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const end = (from + count) * PACKED_ENTRY_BYTES;
      for (let at = from * PACKED_ENTRY_BYTES; at < end; at += PACKED_ENTRY_BYTES) {
        const word = (index: number) => view.getUint32(at + index * 4);
        add(word(0), word(1), word(2), word(3), word(4));
      }
    },
    generationOf([first, second, third]) {
      return shards[first >>> SHARD_SHIFT]?.generationOf(first, second, third, horizon()) ?? 0;
    },
    sweep(count) {
      let dropped = 0;
      for (let turn = 0; turn < Math.min(count, SHARDS); turn += 1) dropped += sweepNext();
      return dropped;
    },
  };
}

/** The next whole number within 32 bits, the highest for what is no number: an entry errs on the side of staying. */
function toWord(value: number): number {
  return value < 0xffff_ffff ? Math.max(Math.ceil(value), 0) : 0xffff_ffff;
}
