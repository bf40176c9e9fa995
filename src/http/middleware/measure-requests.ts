import type { MiddlewareHandler } from "hono";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { routeOf } from "./route-of.ts";

/** Seconds. From what memory answers to what waits for a password's hash, or for a database that is gone. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A client may make up methods; each would be a series of its own. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts and times requests by method, route and status, for Prometheus: by a route's pattern, never by a path. */
export function measureRequests(register: Registry): MiddlewareHandler {
  const { requests, durations, inFlight } = createFigures(register);
  return async (context, next) => {
    const begun = performance.now();
    inFlight.inc();
    try {
      await next();
    } finally {
      inFlight.dec();
      const method = METHODS.has(context.req.method) ? context.req.method : "other";
      const route = routeOf(context) ?? "none";
      requests.inc({ method, route, status: context.res.status });
      durations.observe({ method, route }, (performance.now() - begun) / 1_000);
    }
  };
}

function createFigures(register: Registry) {
  const registers = [register];
  const requests = new Counter({
    ...{ name: "authgraft_http_requests_total", help: "Requests answered, by method, route and status." },
    ...{ registers, labelNames: ["method", "route", "status"] as const },
  });
  const durations = new Histogram({
    ...{ name: "authgraft_http_request_duration_seconds", help: "From a request to its response." },
    ...{ registers, labelNames: ["method", "route"] as const, buckets: BUCKETS },
  });
  const inFlight = new Gauge({
    ...{ name: "authgraft_http_requests_in_flight", help: "Requests that wait for their response." },
    registers,
  });
  return { requests, durations, inFlight };
}
