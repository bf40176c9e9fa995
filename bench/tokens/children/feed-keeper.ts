/** A process that follows the feed, and says what it would do with tokens by what it remembers. */
import { beChild } from "../child.ts";
import { clock } from "../clock.ts";
import { followFeed, judgedToken } from "./follow-feed.ts";

/** How much is known. */
export interface Kept {
  readonly entries: number;
  /** The moment of which everything is known. */
  readonly asOf: number;
  /** How often following broke off. */
  readonly interruptions: number;
}

beChild<{ readonly url: string }>(async ({ url }) => {
  let interruptions = 0;
  const onTrouble = (error: unknown) => {
    if (error !== null) interruptions += 1;
  };
  const revocations = followFeed(url, { onTrouble });
  await revocations.ready();
  return {
    state(): Kept {
      const { entries, age } = revocations.state();
      return { entries, asOf: clock() - age, interruptions };
    },
    /** Those of the tokens that it would not refuse out of hand. */
    notRefused: (tokenIds: readonly string[]) =>
      tokenIds.filter((tokenId) => revocations.judge(judgedToken(tokenId)) !== "revoked"),
  };
});
