import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { closedLoop, openLoop } from "./arrivals.ts";
import { createDraw } from "./draw.ts";
import { Lane } from "./lane.ts";
import type { TrafficOptions } from "./options.ts";
import { Recorder } from "./recorder.ts";
import { namesOf } from "./report.ts";

// A thread of its own, with an event loop of its own: what the rest of the process is busy with does not show in
// the latencies. It is told once to stop, and answers with its record.
const options: TrafficOptions = workerData;
const recorder = new Recorder(namesOf(options.statements));
const draw = createDraw(options.statements, options.seed ?? 1);
const lanes = Array.from({ length: options.connections }, () => new Lane(options, draw, recorder));

await Promise.all(lanes.map((lane) => lane.open()));
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
recorder.begin();
const arrivals =
  options.ratePerSecond === null ? closedLoop(lanes) : openLoop(lanes, options.ratePerSecond, recorder);

parentPort?.once("message", async () => {
  await arrivals.stop();
  recorder.late(delay.max / 1e6);
  const record = recorder.record();
  await Promise.all(lanes.map((lane) => lane.close()));
  parentPort?.postMessage(record);
});
parentPort?.postMessage("started");
