import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBase64url } from "../../src/conference/base64url";
import {
  DescriptionError,
  MAX_DESCRIPTION,
  decode,
  encode,
  fingerprintsOf,
  toSdp,
  type Description,
  type Role,
} from "../../src/conference/description";
import golden from "./fixtures/descriptions.json";
import recorded from "./fixtures/sdps.json";

function codeOf(text: string): string {
  try {
    decode(text);
  } catch (error) {
    if (error instanceof DescriptionError) return error.code;
    throw error;
  }
  return "taken";
}

describe("golden vectors", () => {
  test.each(golden)("$name", ({ role, sdp, text, expanded }) => {
    expect(encode(sdp, role as Role)).toBe(text);
    expect(toSdp(decode(text))).toBe(expanded);
  });

  test("three IPv4 and three IPv6 candidates over UDP take at most 200 characters", () => {
    const vector = golden.find(({ name }) => name === "three IPv4 and three IPv6 over UDP");
    expect(vector?.text.length).toBeLessThanOrEqual(200);
  });
});

describe("what browsers say", () => {
  const cases = Object.entries(recorded).flatMap(([browser, sdps]) =>
    (["offer", "answer"] as const).map((role) => ({ browser, role, sdp: sdps[role] })),
  );

  test.each(cases)("nothing that matters of $browser's $role is lost", ({ sdp, role }) => {
    const expanded = toSdp(decode(encode(sdp, role)));
    const lines = (text: string, pattern: RegExp): string[] => (text.match(pattern) ?? []).sort();
    for (const pattern of [
      /^a=ice-ufrag:\S+/gm,
      /^a=ice-pwd:\S+/gm,
      /^a=fingerprint:.*\S/gm,
      /^a=setup:\S+/gm,
    ]) {
      expect(lines(expanded, pattern)).toEqual(lines(sdp, pattern));
    }
    const addresses = (text: string): string[] =>
      Array.from(
        text.matchAll(/^a=candidate:\S+ 1 (udp) \d+ (\S+ \d+ typ \S+)/gim),
        ([, , rest]) => rest ?? "",
      ).sort();
    expect(addresses(expanded)).toEqual(addresses(sdp));
  });

  test("candidates keep their order of priority", () => {
    const sdp = recorded["chromium with camera"].offer;
    const priorities = Array.from(toSdp(decode(encode(sdp, "offer"))).matchAll(/ udp (\d+) /g), ([, p]) =>
      Number(p),
    );
    expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
    expect(decode(encode(sdp, "offer")).candidates[0]?.address.family).toBe("ip6");
  });
});

describe("encode", () => {
  const base = recorded["chromium mDNS"].offer;

  test("a page with many networks still says its reflexive and its relay address", () => {
    const many = Array.from(
      { length: 20 },
      (_, i) => `a=candidate:${i} 1 udp ${3000 - i} 192.0.2.${i + 1} 5000 typ host`,
    );
    const others = [
      "a=candidate:90 1 udp 200 198.51.100.1 6000 typ srflx raddr 192.0.2.1 rport 5000",
      "a=candidate:91 1 udp 100 203.0.113.1 7000 typ relay raddr 198.51.100.1 rport 6000",
    ];
    const bare = base.replace(/^a=candidate:.*\r\n/gm, "");
    const { candidates } = decode(encode(`${bare}${[...many, ...others].join("\r\n")}\r\n`, "offer"));
    expect(candidates.map(({ type }) => type)).toEqual([
      ...new Array<string>(8).fill("host"),
      "srflx",
      "relay",
    ]);
  });

  test.each([
    ["an SDP with media", `${base}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`],
    ["an SDP without credentials", base.replace(/^a=ice-pwd.*\r\n/m, "")],
    ["an SDP with another hash", base.replace("sha-256", "sha-512")],
    ["no SDP", "hello"],
  ])("%s is no link", (_, sdp) => {
    expect(() => encode(sdp, "offer")).toThrow(DescriptionError);
  });
});

describe("decode", () => {
  const text = golden[1]?.text ?? "";
  const bytesOf = (encoded: string): Uint8Array => Uint8Array.from(Buffer.from(encoded, "base64url"));
  const changed = (at: number, value: number): string => {
    const bytes = bytesOf(text);
    bytes[at] = value;
    return toBase64url(bytes);
  };

  test.each([
    ["nothing", "", "truncated"],
    ["another alphabet", "EATh+w", "not_base64url"],
    ["padding", `${golden[0]?.text}=`, "not_base64url"],
    ["a version of the future", changed(0, 0x20), "unknown_version"],
    ["a third role", changed(0, 0x12), "bad_field"],
    ["a password that is too short", changed(5, 3), "bad_field"],
    ["an unknown kind of candidate", changed(56, 0x20), "bad_field"],
    [
      "a port 0",
      toBase64url(Uint8Array.from([...bytesOf(golden[0]?.text ?? ""), 0, 192, 0, 2, 1, 0, 0])),
      "bad_field",
    ],
    ["a novel", "A".repeat(MAX_DESCRIPTION + 1), "too_long"],
  ])("%s is an error that says so", (_, bad, code) => {
    expect(codeOf(bad)).toBe(code);
  });

  test("every cut is an error, except between two candidates", () => {
    const bytes = bytesOf(text);
    const taken = Array.from(bytes, (_, length) => length).filter(
      (length) => codeOf(toBase64url(bytes.subarray(0, length))) === "taken",
    );
    expect(taken).toEqual([56, 75, 82, 89, 108, 115]);
  });

  test("random bytes give a description or a typed error, and never two texts for one description", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, likely) => {
        const bytes = likely ? Uint8Array.from([0x10, 4, 0, 0, 0, 24, ...noise]) : noise;
        const encoded = toBase64url(bytes);
        if (codeOf(encoded) !== "taken") return;
        const description = decode(encoded);
        // Only candidates in another order than their priorities, or too many, come back differently.
        if (description.candidates.length <= 1)
          expect(encode(toSdp(description), description.type)).toBe(encoded);
      }),
      { numRuns: 2000 },
    );
  });

  test("random text gives a description or a typed error", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 1100 }), (noise) => void codeOf(noise)),
      { numRuns: 1000 },
    );
  });

  test("every description survives the way through an SDP and a text", () => {
    const char = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    const word = (minLength: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.string({ unit: char, minLength, maxLength: 60 }),
        fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength, maxLength: 60 }),
      );
    const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length });
    const address = fc.oneof(
      bytes(4).map((b) => ({ family: "ip4" as const, bytes: b })),
      bytes(16).map((b) => ({ family: "ip6" as const, bytes: b })),
      bytes(16).map((b) => ({ family: "mdns" as const, bytes: b })),
    );
    // The order of the types is the order of their priorities, so that the list is as encode makes it.
    const types = ["host", "prflx", "srflx", "relay"] as const;
    const candidate = fc.record({
      type: fc.constantFrom(...types),
      transport: fc.constant("udp" as const),
      address,
      port: fc.integer({ min: 1, max: 65535 }),
    });
    const candidates = fc
      .array(candidate, { maxLength: 10 })
      .map((list) => list.sort((a, b) => types.indexOf(a.type) - types.indexOf(b.type)));
    const description: fc.Arbitrary<Description> = fc.record({
      type: fc.constantFrom("offer" as const, "answer" as const),
      ufrag: word(4),
      password: word(22),
      fingerprint: bytes(32).map((b) =>
        Array.from(b, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":"),
      ),
      candidates,
    });
    fc.assert(
      fc.property(description, (original) => {
        expect(decode(encode(toSdp(original), original.type))).toEqual(original);
      }),
      { numRuns: 500 },
    );
  });
});

describe("fingerprintsOf", () => {
  test("names every fingerprint once, and none is overlooked for its spelling", () => {
    const one = Array<string>(32).fill("aB").join(":");
    const sdp = [
      "a=fingerprint:sha-256 " + one,
      "a=fingerprint:SHA-256 " + one,
      "A=fingerprint:sha-1 00",
      "",
    ].join("\r\n");
    expect(fingerprintsOf(sdp)).toEqual([one.toUpperCase(), "sha-1 00"]);
  });
});
