import type { Configuration } from "../config/schema.ts";
import type { Terminal } from "./terminal.ts";

/** What every command is given. */
export interface CommandContext {
  readonly databaseUrl: string;
  readonly configuration: Configuration;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly yes: boolean;
  /** Aborted when the person says stop. */
  readonly signal: AbortSignal;
}

/** What a command answers with: data for machines, a text for people, and how it went. */
export interface CommandResult {
  readonly exitCode: number;
  readonly json: unknown;
  readonly text: string;
}
