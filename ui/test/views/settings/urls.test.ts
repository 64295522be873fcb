import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { isStun, isTurn, isWhole, lines } from "../../../src/views/settings/urls";

/** The backend is tested with the same ones: it never refuses what the page took. */
const EXAMPLES = JSON.parse(
  readFileSync(new URL("../../../../crates/app/tests/server_urls.json", import.meta.url), "utf8"),
) as Record<"stun" | "turn", Record<"taken" | "refused", string[]>>;

describe("an address of a STUN server", () => {
  test.each(EXAMPLES.stun.taken)("is %s", (url) => {
    expect(isStun(url)).toBe(true);
  });

  test.each(EXAMPLES.stun.refused)("is not %j", (url) => {
    expect(isStun(url)).toBe(false);
  });

  test("may be typed in capitals: browsers get its beginning in small letters", () => {
    expect(lines(" STUN:Example.test \n\nstuns:b")).toEqual(["stun:Example.test", "stuns:b"]);
  });
});

describe("an address of a TURN server", () => {
  test.each(EXAMPLES.turn.taken)("is %s", (url) => {
    expect(isTurn(url)).toBe(true);
  });

  test.each(EXAMPLES.turn.refused)("is not %j", (url) => {
    expect(isTurn(url)).toBe(false);
  });
});

describe("a TURN server", () => {
  const server = { url: "turn:example.test", username: "alice", credential: "secret" };

  test("has an address, a user name and a password", () => {
    expect(isWhole(server)).toBe(true);
    expect(isWhole({ ...server, url: "" })).toBe(false);
    expect(isWhole({ ...server, username: "" })).toBe(false);
    expect(isWhole({ ...server, credential: "" })).toBe(false);
  });

  test("has no longer password than the backend keeps", () => {
    expect(isWhole({ ...server, credential: "ü".repeat(256) })).toBe(true);
    expect(isWhole({ ...server, credential: "ü".repeat(257) })).toBe(false);
  });
});
