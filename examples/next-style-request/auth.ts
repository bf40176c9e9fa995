import { createAuth } from "authgraft";

const { DATABASE_URL = "", AUTHGRAFT_SECRET = "" } = process.env;

export const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });
