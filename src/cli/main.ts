#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Everything else is loaded after this, so that the second start finds its modules compiled.
enableCompileCache();
await import("./run.ts");
