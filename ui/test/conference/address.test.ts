import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAddress, isNoPeer, parseAddress } from "../../src/conference/address";
import {
  MAX_CANDIDATES,
  best,
  formatCandidate,
  isAdmissible,
  parseCandidate,
} from "../../src/conference/candidate";

function canonical(text: string): string | null {
  const address = parseAddress(text);
  return address === null ? null : formatAddress(address);
}

describe("addresses", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8::1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["fe80::", "fe80::"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["533B34E1-481e-447f-b3cd-2f4d5a43f748.local", "533b34e1-481e-447f-b3cd-2f4d5a43f748.local"],
  ])("%s is %s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  test.each([
    "",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "1.2.3.4::",
    "fe80::1%eth0",
    "mail.example.test",
    "printer.local",
    `${":".repeat(60)}1`,
  ])("%j is no address", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test("an IPv6 address survives its text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseAddress(formatAddress({ family: "ip6", bytes }))).toEqual({ family: "ip6", bytes });
      }),
    );
  });

  test.each(["0.0.0.0", "127.0.0.1", "127.9.9.9", "224.0.0.251", "239.255.255.250", "255.255.255.255"])(
    "%s is no peer, nor is it as IPv6",
    (text) => {
      for (const form of [text, `::ffff:${text}`, `::${text}`]) {
        const address = parseAddress(form);
        expect(address !== null && isNoPeer(address)).toBe(true);
      }
    },
  );

  test.each(["::", "::1", "ff02::fb", "ff0e::1"])("%s is no peer", (text) => {
    const address = parseAddress(text);
    expect(address !== null && isNoPeer(address)).toBe(true);
  });

  test.each([
    "192.168.1.2",
    "10.0.0.1",
    "169.254.1.1",
    "203.0.113.1",
    "fe80::1",
    "2001:db8::1",
    "::ffff:192.0.2.1",
  ])("%s may be a peer", (text) => {
    const address = parseAddress(text);
    expect(address !== null && isNoPeer(address)).toBe(false);
  });
});

describe("candidates", () => {
  const line = "candidate:1 1 udp 2122260223 192.0.2.10 54400 typ host generation 0 network-id 1";

  test("what a browser says is understood", () => {
    expect(parseCandidate(`a=${line}`)).toMatchObject({ type: "host", transport: "udp", port: 54400 });
  });

  test.each([
    ["RTCP's component", line.replace(" 1 udp", " 2 udp")],
    ["active TCP", "candidate:1 1 tcp 1518214911 192.0.2.10 9 typ host tcptype active"],
    ["TCP that does not say which", "candidate:1 1 tcp 1518214911 192.0.2.10 9 typ host"],
    ["a host name", line.replace("192.0.2.10", "internal.example.test")],
    ["port 0", line.replace("54400", "0")],
    ["port 65536", line.replace("54400", "65536")],
    ["an unknown type", line.replace("typ host", "typ magic")],
    ["no candidate", "hello"],
    ["an endless line", `${line} ${"x".repeat(1000)}`],
  ])("%s is not taken", (_, text) => {
    expect(parseCandidate(text)).toBeNull();
  });

  test("added again in a later round, a candidate differs in its foundation only", () => {
    const candidate = parseCandidate(line);
    if (candidate === null) throw new Error("the line is good");
    const [first, second] = [formatCandidate(candidate, 0), formatCandidate(candidate, 0, 1)];
    expect(first.split(" ")[0]).not.toBe(second.split(" ")[0]);
    expect(first.split(" ").slice(1)).toEqual(second.split(" ").slice(1));
  });

  test("no check goes out over TCP, to this machine, or to a group", () => {
    const strict = { allowLoopback: false };
    const admissible = (text: string, policy = strict): boolean => {
      const candidate = parseCandidate(text);
      return candidate !== null && isAdmissible(candidate, policy);
    };
    expect(admissible(line)).toBe(true);
    expect(admissible("candidate:1 1 tcp 1518214911 192.0.2.10 443 typ host tcptype passive")).toBe(false);
    expect(admissible(line.replace("192.0.2.10", "127.0.0.1"))).toBe(false);
    expect(admissible(line.replace("192.0.2.10", "127.0.0.1"), { allowLoopback: true })).toBe(true);
    expect(admissible(line.replace("192.0.2.10", "239.1.2.3"), { allowLoopback: true })).toBe(false);
  });

  test("the best of many keeps one of each type and the order", () => {
    const candidate = parseCandidate(line);
    if (candidate === null) throw new Error("the line is good");
    const hosts = Array.from({ length: 30 }, (_, i) => ({ ...candidate, port: i + 1 }));
    const relay = { ...candidate, type: "relay" as const };
    const kept = best([...hosts, relay], MAX_CANDIDATES);
    expect(kept).toEqual([...hosts.slice(0, 9), relay]);
  });
});
