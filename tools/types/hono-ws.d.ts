/**
 * Stands in for the declarations of `hono/ws`, which name types that only browsers have. `@hono/node-server`
 * mentions this one; Authgraft serves no WebSocket. By way of `paths` in tsconfig.json, for the compiler only.
 */
export type UpgradeWebSocket<Socket, Options> = (options: Options) => Socket;
