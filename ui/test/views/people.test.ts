import { describe, expect, test } from "vitest";

import type { ContactView } from "../../src/bindings/ContactView";
import { colourOf, completions, initials, isAddress } from "../../src/views/people";

const contact = (address: string, name = ""): ContactView => ({
  account: 1,
  address,
  name,
  fingerprint: null,
  changed_key: null,
});

describe("addresses", () => {
  test.each(["bob@example.test", " Bob@Example.Test ", "zoë@exämple.test", "a+b.c@x", "o'hara@example.test"])(
    "%j can be called",
    (text) => expect(isAddress(text)).toBe(true),
  );

  test.each([
    "",
    "bob",
    "@example.test",
    "bob@",
    "bob@@example.test",
    "bob smith@example.test",
    "bob@example..test",
    "bob@-example.test",
    "bob@example-.test",
    '"bob"@example.test',
    "bob@example.test, carol@example.test",
    "<bob@example.test>",
    `${"b".repeat(250)}@x.test`,
  ])("%j cannot", (text) => expect(isAddress(text)).toBe(false));
});

describe("completion", () => {
  const bob = contact("bob@example.test", "Robert Okafor");
  const carol = contact("carol@example.test", "Carol Oberg");
  const dora = contact("dora@robots.test");
  const all = [carol, dora, bob];

  test("what begins with the typed text comes before what contains it", () => {
    expect(completions("rob", all)).toEqual([bob, dora]);
  });

  test("a family name counts more than the middle of a name", () => {
    expect(completions("ober", all)).toEqual([carol, bob]);
  });

  test("an address is found, whatever its case", () => {
    expect(completions("CAROL@", all)).toEqual([carol]);
  });

  test("nothing typed, nothing offered", () => {
    expect(completions("  ", all)).toEqual([]);
  });
});

test("initials are those of the first and the last name, else of the address", () => {
  expect(
    ["Bob Okafor", "Carol", "dora.lindqvist@example.test", "Ana Maria de Souza", "😀 Bob"].map(initials),
  ).toEqual(["BO", "C", "DL", "AS", "😀B"]);
});

test("a person keeps the colour", () => {
  expect(colourOf("Bob@example.test", 6)).toBe(colourOf("bob@example.test", 6));
});
