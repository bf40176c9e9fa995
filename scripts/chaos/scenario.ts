import type { SampleName } from "../../src/embedded/samples/shape.ts";

/** Databases to begin with, in the order in which each is made from one before. */
export type Stage = "original" | "grafted" | "filled" | "archived" | "restored";

export type Direction = "up" | "down" | "down --archive" | "up --restore";

/** A command that is killed, what it starts from, and where it has to arrive in the end. */
export interface Scenario {
  readonly direction: Direction;
  readonly from: Stage;
  readonly to: Stage;
}

export const SCENARIOS: readonly Scenario[] = [
  { direction: "up", from: "original", to: "grafted" },
  { direction: "down", from: "grafted", to: "original" },
  { direction: "down --archive", from: "filled", to: "archived" },
  { direction: "up --restore", from: "archived", to: "restored" },
];

/** A sample, and how many users are in it. */
export interface Subject {
  readonly name: string;
  readonly sample: SampleName;
  readonly users: number;
}

/** The index of the last takes a while to build. */
export const SUBJECTS: readonly Subject[] = [
  { name: "a", sample: "a", users: 300 },
  { name: "b", sample: "b", users: 300 },
  { name: "large", sample: "b", users: 30_000 },
];

/** The arguments of the command line. */
export function argumentsOf(direction: Direction): string[] {
  return direction.split(" ");
}
