import { describe, expect, test } from "vitest";
import { clientAddress } from "../../src/http/caller.ts";

describe("the address of a client", () => {
  test.each([
    ["the connection's, whatever a client claims", "192.0.2.7", "203.0.113.9", 0, "192.0.2.7"],
    ["what one's own proxy wrote", "10.0.0.1", "203.0.113.9", 1, "203.0.113.9"],
    ["not what the client wrote before it", "10.0.0.1", "198.51.100.1, 203.0.113.9", 1, "203.0.113.9"],
    ["behind two proxies, what the outer one wrote", "10.0.0.1", "203.0.113.9,10.0.0.2", 2, "203.0.113.9"],
    // Else whoever comes around the proxies would have no share to keep to.
    ["the connection's where fewer proxies wrote than are trusted", "10.0.0.1", undefined, 1, "10.0.0.1"],
    ["the connection's where a proxy wrote no address", "10.0.0.1", "unknown", 1, "10.0.0.1"],
    ["without the port that a proxy wrote", "10.0.0.1", "203.0.113.9:50123", 1, "203.0.113.9"],
    ["without brackets", "10.0.0.1", "[2001:db8:1:2::7]:50123", 1, "2001:db8:1:2"],
    ["none where nobody told", undefined, undefined, 0, undefined],
    ["the same for IPv4 written as IPv6", "::ffff:192.0.2.7", undefined, 0, "192.0.2.7"],
    ["the network of an IPv6 client", "2001:db8:1:2:3:4:5:6", undefined, 0, "2001:db8:1:2"],
    ["which is one however it is written", "2001:0DB8::3:4:5:6", undefined, 0, "2001:db8:0:0"],
    ["without the interface", "fe80::1%eth0", undefined, 0, "fe80:0:0:0"],
    ["of one's own machine", "::1", undefined, 0, "0:0:0:0"],
  ])("is %s", (_, connection, forwarded, trusted, address) => {
    expect(clientAddress(connection, forwarded, trusted)).toBe(address);
  });
});
