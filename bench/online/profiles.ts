import type { SampleName } from "../../src/embedded/samples/shape.ts";

/** What is done to the table while the traffic runs. */
export type Action = "idle" | "plain" | "up" | "cic" | "down";

/** Circumstances under which actions are measured, in turn, as often as there are repeats. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly shape: SampleName;
  readonly actions: readonly Action[];
  readonly load: "open" | "busy" | "prepared";
  /** A report holds the table open for 15 s, on the primary or on the standby. */
  readonly report?: "primary" | "standby";
  readonly autovacuum?: true;
  readonly standby?: true;
  /** The part of `--seconds` that a run lasts. Only where a total time is asked for and nothing else. */
  readonly share?: number;
}

/** In this order: each action leaves what the next one needs. */
const ALL: readonly Action[] = ["idle", "plain", "up", "cic", "down"];

export const PROFILES: readonly Profile[] = [
  { name: "quiet", title: "300 queries a second", shape: "a", actions: ALL, load: "open" },
  {
    name: "report",
    title: "300 queries a second, a report holds the table for 15 s",
    shape: "a",
    actions: ALL,
    load: "open",
    report: "primary",
  },
  {
    name: "b",
    title: "the table of sample B, 300 queries a second",
    shape: "b",
    actions: ["plain", "up", "down"],
    load: "open",
    share: 1 / 3,
  },
  {
    name: "busy",
    title: "60 clients, transactions of three statements with 25 ms in them",
    shape: "a",
    actions: ["idle", "up", "down"],
    load: "busy",
  },
  {
    name: "prepared",
    title: "300 prepared queries a second, held over the change",
    shape: "a",
    actions: ["up", "down"],
    load: "prepared",
  },
  {
    name: "autovacuum",
    title: "300 queries a second, an autovacuum of the table runs",
    shape: "a",
    actions: ["up"],
    load: "open",
    autovacuum: true,
  },
  {
    name: "standby",
    title: "300 queries a second, and 100 a second on a streaming standby",
    shape: "a",
    actions: ["up"],
    load: "open",
    standby: true,
  },
  {
    name: "standby-report",
    title: "the same, a report open on the standby for 15 s",
    shape: "a",
    actions: ["up"],
    load: "open",
    standby: true,
    report: "standby",
  },
];
