import { bundlePage } from "../../ui/test/conference/support/bundle.ts";
import { driven, launchChromium, newPerson } from "../../ui/test/conference/support/chromium.ts";
import { Person, connect } from "../../ui/test/conference/support/person.ts";
import { servePage } from "../../ui/test/conference/support/server.ts";
import { chromium } from "../harness/paths.ts";
import { PATIENCE_MS, within } from "../harness/wait.ts";
import { type Report, figure } from "./figures.ts";
import { type Member, conferenceOf, gather } from "./meeting.ts";
import { say } from "./report.ts";

const LINES = 5000;
/** How many one of the two writes before the other does. */
const TURN = 50;

/**
 * Alice and Bob have written 5,000 lines, each an entry of its own as if written by hand; Carol, in real Chromium over a
 * real link whose channel is open, is let in: ms from then until she has all lines. A new Carol for each round.
 */
export async function syncFigure(rounds: number): Promise<Report> {
  const server = await servePage(await bundlePage());
  const browser = await launchChromium(null, chromium);
  try {
    const sit = async (): Promise<Person> => Person.at(driven(await newPerson(browser, false)), server.url);
    const [alice, bob] = await gather([await sit(), await sit()]);
    if (alice === undefined || bob === undefined) throw new Error("two were to meet");
    await chat(alice, bob);
    const conference = await conferenceOf(alice);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const page = await newPerson(browser, false);
      const carol = await Person.at(driven(page), server.url);
      took.push(await comesLate(alice, { person: carol, call: `late-${round}` }, conference));
      await page.context().close();
    }
    say(`5,000 lines: ${took.map((ms) => ms.toFixed(0)).join(", ")} ms`);
    return { "conference.sync_5k_lines_ms": figure(took) };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function chat(one: Member, other: Member): Promise<void> {
  for (let said = 0; said < LINES; said += TURN) {
    const [writer, reader] = (said / TURN) % 3 === 0 ? [one, other] : [other, one];
    await writer.person.evaluate(`(() => {
      const { documents } = page.session.room("${writer.call}");
      for (let n = ${said}; n < ${said + TURN}; n++) {
        documents.say("Line " + n + " of a chat in which people say about as much as they do.");
        documents.flush();
      }
    })()`);
    const all = has(reader, said + TURN);
    await within(4 * PATIENCE_MS, `line ${said + TURN} arrives`, reader.person.evaluate(all));
  }
}

async function comesLate(host: Member, { person, call }: Member, conference: string): Promise<number> {
  await connect(host.person, person, call, call);
  const event = JSON.stringify({ type: "UseMedia", link: call, video: false, hosts: false, conference });
  const reads = person.evaluate<number>(`(async () => {
    const began = performance.now();
    page.handle(${event});
    await page.until(() => page.session.room("${call}") !== null);
    await ${has({ person, call }, LINES)};
    return performance.now() - began;
  })()`);
  const [took] = await within(
    4 * PATIENCE_MS,
    "the late joiner has all lines",
    Promise.all([reads, host.person.takeCall(call, false, true, conference)]),
  );
  return took;
}

/** An expression that resolves once somebody's page has so many lines. */
function has({ call }: Member, lines: number): string {
  return `new Promise((resolve) => {
    const { documents } = page.session.room("${call}");
    let cancel = () => undefined;
    const look = () => {
      if (documents.chat.length < ${lines}) return;
      cancel();
      resolve(null);
    };
    cancel = documents.subscribe(look);
    look();
  })`;
}
