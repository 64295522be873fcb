import type { LinkState } from "../../../src/bindings/LinkState";
import type { PageEvent } from "../../../src/bindings/PageEvent";
import type { ParticipantView, Report } from "../../../src/conference";
import type { DrivenPage } from "./firefox";

const CALL = "call";

/** Somebody at a test page; this test is everybody's backend. */
export class Person {
  readonly #page: DrivenPage;

  private constructor(page: DrivenPage) {
    this.#page = page;
  }

  static async at(page: DrivenPage, url: string): Promise<Person> {
    const person = new Person(page);
    await person.open(url);
    return person;
  }

  /** Also a reload. */
  async open(url: string): Promise<void> {
    await this.#page.goto(url);
    await this.evaluate(`new Promise((resolve) => {
      const look = () => (globalThis.page === undefined ? setTimeout(look, 5) : resolve());
      look();
    })`);
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.#page.evaluate<T>(`Promise.resolve(${expression}).then((value) => value ?? null)`);
  }

  handle(event: PageEvent): Promise<void> {
    return this.evaluate(`page.handle(${JSON.stringify(event)})`);
  }

  offer(link: string, call = CALL): Promise<void> {
    return this.handle({ type: "MakeOffer", call, link });
  }

  answer(link: string, description: string, call = CALL): Promise<void> {
    return this.handle({ type: "MakeAnswer", call, link, description });
  }

  async described(link: string): Promise<string> {
    const report = await this.evaluate<Report & { type: "Described" }>(`page.report("Described", "${link}")`);
    return report.description;
  }

  /** Waits until the link was reported to be so, now or before. */
  async linkIs(link: string, state: LinkState): Promise<void> {
    await this.until(`page.reports.some((one) => one.link === "${link}" && one.state === "${state}")`);
  }

  until(condition: string): Promise<void> {
    return this.evaluate(`page.until(() => ${condition})`);
  }

  reports(): Promise<Report[]> {
    return this.evaluate("page.reports");
  }

  faults(): Promise<string[]> {
    return this.evaluate("page.faults");
  }

  /** Everybody else in the call. */
  others(): Promise<ParticipantView[]> {
    return this.evaluate(`page.session.conference("${CALL}")?.participants ?? []`);
  }

  /** Waits until the only other participant is so; `condition` is over `other`. */
  async seesOther(condition: string): Promise<void> {
    await this.until(`page.session.conference("${CALL}")?.participants.some((other) => ${condition})`);
  }

  takeCall(link: string, video: boolean, hosts: boolean, conference: string | null = null): Promise<void> {
    return this.handle({ type: "UseMedia", link, video, hosts, conference });
  }

  /** Waits for the next picture of the other side. */
  async picture(): Promise<void> {
    await this.evaluate("page.pixel()");
  }

  /** Waits until the other's picture is of this colour; the first ones may still be black. */
  async seesColour(colour: "red" | "blue"): Promise<void> {
    const difference = colour === "red" ? "red - blue" : "blue - red";
    await this.evaluate(`(async () => {
      for (;;) {
        const [red, , blue] = await page.pixel();
        if (${difference} > 100) return;
      }
    })()`);
  }
}

/** Carries the descriptions of one link from the caller to the callee and back, and waits for the channel. */
export async function connect(caller: Person, callee: Person, link: string, call = CALL): Promise<void> {
  await caller.offer(link, call);
  await callee.answer(link, await caller.described(link), call);
  await caller.handle({ type: "UseAnswer", link, description: await callee.described(link) });
  await Promise.all([caller.linkIs(link, "Open"), callee.linkIs(link, "Open")]);
}
