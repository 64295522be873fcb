import { describe, expect, test } from "vitest";
import { Speaker } from "../../src/media/speaker";

type Levels = Readonly<Record<string, number>>;

/** A conference in which everybody is this loud for so long. */
class Talk {
  readonly speaker = new Speaker<string>();
  #now = 0;

  for(ms: number, levels: Levels): string | null {
    for (let passed = 0; passed < ms; passed += 250) {
      this.#now += 250;
      this.speaker.take(new Map(Object.entries(levels)), this.#now);
    }
    return this.speaker.speaking;
  }
}

const QUIET = { Bob: 0.002, Carol: 0.004 };

describe("the speaker", () => {
  test("is nobody before anybody said a word", () => {
    expect(new Talk().for(10_000, QUIET)).toBeNull();
  });

  test("is who begins to speak, within a second", () => {
    expect(new Talk().for(750, { ...QUIET, Bob: 0.1 })).toBe("Bob");
  });

  test("stays the one who spoke last while all are silent", () => {
    const talk = new Talk();
    talk.for(2000, { ...QUIET, Bob: 0.1 });
    expect(talk.for(60_000, QUIET)).toBe("Bob");
  });

  test("changes soon when somebody answers", () => {
    const talk = new Talk();
    talk.for(3000, { ...QUIET, Bob: 0.1 });
    talk.for(1500, QUIET);
    expect(talk.for(750, { ...QUIET, Carol: 0.1 })).toBe("Carol");
  });

  test("does not change for a cough, nor for a gap between two words", () => {
    const talk = new Talk();
    talk.for(3000, { ...QUIET, Bob: 0.1 });
    expect(talk.for(250, { Bob: 0.1, Carol: 0.5 })).toBe("Bob");
    expect(talk.for(2000, { ...QUIET, Bob: 0.1 })).toBe("Bob");
    expect(talk.for(250, { Bob: 0, Carol: 0.012 })).toBe("Bob");
  });

  test("does not go to and fro between two who are as loud", () => {
    const talk = new Talk();
    talk.for(2000, { Bob: 0.1, Carol: 0.001 });
    const heard = new Set<string | null>();
    for (let i = 0; i < 100; i += 1)
      heard.add(talk.for(250, i % 2 === 0 ? { Bob: 0.1, Carol: 0.12 } : { Bob: 0.12, Carol: 0.1 }));
    expect([...heard]).toEqual(["Bob"]);
  });

  test("is taken over by who is much louder for a while", () => {
    const talk = new Talk();
    talk.for(3000, { ...QUIET, Bob: 0.05 });
    expect(talk.for(2000, { Bob: 0.05, Carol: 0.3 })).toBe("Carol");
  });

  test("is the louder one of two who begin together", () => {
    expect(new Talk().for(750, { Bob: 0.05, Carol: 0.2 })).toBe("Carol");
  });

  test("is nobody after the speaker left, until somebody speaks", () => {
    const talk = new Talk();
    talk.for(2000, { ...QUIET, Bob: 0.1 });
    expect(talk.for(1000, { Carol: 0.001 })).toBeNull();
    expect(talk.for(1000, { Carol: 0.1 })).toBe("Carol");
  });

  test("is not found in what is no loudness", () => {
    expect(new Talk().for(5000, { Bob: NaN, Carol: -1 })).toBeNull();
  });
});
