import { afterAll } from "vitest";
import { cleanUpFile } from "./postgres.ts";

afterAll(cleanUpFile);
