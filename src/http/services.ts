import type { Configuration } from "../config/schema.ts";

/** Services that may ask about tokens, by id and the SHA-256 of their secret. An id may stand there twice, while its secret changes. */
export type Services = Configuration["services"];
