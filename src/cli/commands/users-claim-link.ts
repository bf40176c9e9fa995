import { open } from "node:fs/promises";
import { AT_COMMAND_LINE } from "../../accounts/admin/acting.ts";
import { CSV_HEADER, csvLines } from "../../accounts/admin/claim-links-csv.ts";
import {
  type ClaimLinkParts,
  createMakeClaimLink,
  createMakeClaimLinks,
} from "../../accounts/claim-links.ts";
import { ConfigurationError, MigrationError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { plural } from "../terminal.ts";
import { withGraft } from "../with-graft.ts";

/** What the command line adds. */
export interface ClaimLinkFlags {
  readonly all?: boolean;
  readonly csv?: string;
}

/** Makes a claim link for one user, or for all who can claim. Each replaces the one before it. */
export async function usersClaimLink(
  context: CommandContext,
  userId: string | undefined,
  { all = false, csv }: ClaimLinkFlags,
): Promise<CommandResult> {
  if (all === (userId !== undefined))
    throw wrongUsage("A link for whom?", "Give the id of a user, or --all.");
  if (csv !== undefined && !all) throw wrongUsage("A file for one link?", "Give --csv together with --all.");
  return withGraft(context, "users claim-link", (graft) => {
    const parts = { ...graft, configuration: context.configuration };
    if (userId !== undefined) return makeOne(parts, userId);
    return csv === undefined ? printAll(context, parts) : writeAll(context, parts, csv);
  });
}

async function makeOne(parts: ClaimLinkParts, userId: string): Promise<CommandResult> {
  const made = await createMakeClaimLink(parts)(userId, AT_COMMAND_LINE);
  return { exitCode: ExitCode.done, json: made, text: made.link };
}

async function printAll(context: CommandContext, parts: ClaimLinkParts): Promise<CommandResult> {
  const links = [];
  for await (const batch of batchesOf(context, parts)) links.push(...batch);
  return { exitCode: ExitCode.done, json: { links }, text: `${CSV_HEADER}${csvLines(links)}`.trimEnd() };
}

/** The links let people in: nobody else may read the file, and none that is there is written over. */
async function writeAll(
  context: CommandContext,
  parts: ClaimLinkParts,
  path: string,
): Promise<CommandResult> {
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    throw new ConfigurationError("usage_invalid", `The file ${path} cannot be made.`, {
      fix: "Name one that is not there yet, in a directory that is.",
      cause,
    });
  });
  let count = 0;
  try {
    await file.write(CSV_HEADER);
    for await (const batch of batchesOf(context, parts)) {
      await file.write(csvLines(batch));
      count += batch.length;
    }
  } finally {
    await file.close();
  }
  const text = context.terminal.style("green", `Done: ${plural(count, "link")} in ${path}.`);
  return { exitCode: ExitCode.done, json: { links: count, file: path }, text };
}

async function* batchesOf({ signal }: CommandContext, parts: ClaimLinkParts) {
  for await (const batch of createMakeClaimLinks(parts)(AT_COMMAND_LINE)) {
    yield batch;
    if (signal.aborted) {
      throw new MigrationError("interrupted", "Interrupted; the links that were made so far work.", {
        fix: "Run it again with --all: whoever has a link gets a new one in its place.",
      });
    }
  }
}
