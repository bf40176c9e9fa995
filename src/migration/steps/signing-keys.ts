import { tableStep } from "../table-step.ts";
import { SIGNING_KEYS } from "../tables.ts";

/** The keys that sign access tokens. A lost key loses nothing of a user's: open sessions are counted on their own. */
export const signingKeysStep = tableStep({
  id: "signing-keys",
  table: SIGNING_KEYS,
  reason: "Several servers sign and verify with the same keys, which they find here, encrypted.",
});
