import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";

import type { Locator } from "playwright-core";

import { tc } from "../../ui/src/texts/conference.ts";
import { t } from "../../ui/src/texts/index.ts";
import { fetches, saves, shares } from "../harness/files.ts";
import type { Presence } from "../harness/media.ts";
import { hangUp } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { stories } from "../harness/story.ts";
import {
  acquaint,
  calls,
  control,
  hasTilesOf,
  hearEachOther,
  invites,
  opensPanel,
  type Seat,
  seats,
  seeEachOther,
  seesScreen,
  takes,
  threeTogether,
} from "../harness/table.ts";

const { story } = stories("conference-things");

story("Bob shares a file; Carol gets it although Bob has left, for Alice has it, too", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  const file = await shares(Bob, [Alice, Carol], stage.dir, 600_000);
  await fetches(Alice, file);
  await saves(Alice, file);
  await hangUp(Bob.page);
  await hasTilesOf(Carol, [Alice]);
  await fetches(Carol, file);
  await saves(Carol, file);
});

story(
  "Alice, Bob and Carol write the notes together, each where the others do not, and all keep the same",
  async (stage) => {
    const { Alice, Bob, Carol } = await threeTogether(stage);
    const all = [Alice, Bob, Carol];
    for (const seat of all) await opensPanel(seat, "notes");
    await notes(Alice).fill("Crane:\nLights:\nNext:\n");
    for (const seat of all) await notesAre(seat, "Crane:\nLights:\nNext:\n");
    // All at once, letter by letter, each at the end of a line of their own.
    await Promise.all([
      addsToLine(Alice, 0, " the harbour office"),
      addsToLine(Bob, 1, " Erik asks for offers"),
      addsToLine(Carol, 2, " Thursday, 10:00"),
    ]);
    const together = "Crane: the harbour office\nLights: Erik asks for offers\nNext: Thursday, 10:00\n";
    for (const seat of all) await notesAre(seat, together);

    await hangUp(Bob.page);
    await hasTilesOf(Carol, [Alice]);
    await notesAre(Carol, together);
    const [download] = await Promise.all([
      Bob.page.waitForEvent("download"),
      Bob.page.getByRole("button", { name: tc.notes.save }).click(),
    ]);
    assert.equal(await readFile(await download.path(), "utf8"), together);
  },
);

function notes({ page }: Seat): Locator {
  return page.getByRole("textbox", { name: tc.notes.label });
}

/** Types at the end of a line of the notes. */
async function addsToLine(seat: Seat, line: number, text: string): Promise<void> {
  await notes(seat).evaluate((area, wanted) => {
    const { value } = area as HTMLTextAreaElement;
    const lines = value.split("\n").slice(0, wanted + 1);
    const end = lines.join("\n").length;
    (area as HTMLTextAreaElement).setSelectionRange(end, end);
  }, line);
  await notes(seat).pressSequentially(text, { delay: 20 });
}

/** Waits until somebody's notes say this. */
async function notesAre({ page }: Seat, text: string): Promise<void> {
  await page.waitForFunction(
    ({ label, wanted }) =>
      document.querySelector<HTMLTextAreaElement>(`textarea[aria-label="${label}"]`)?.value === wanted,
    { label: tc.notes.label, wanted: text },
  );
}

story("Bob shows his screen, Alice and Carol see it beside his face, until he stops", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  await control(Bob.page, tc.controls.share);
  await Promise.all([Alice, Carol].map(seesScreen));
  await seeEachOther(Alice, Bob, Carol);
  await control(Bob.page, tc.controls.stopSharing);
  for (const { page } of [Alice, Carol])
    await page.locator("video[data-screen]").waitFor({ state: "detached" });
});

/** A tab in somebody's browser that shows a colour and plays a tone. */
async function plays({ page }: Seat, title: string, { colour, tone }: Presence): Promise<void> {
  const film = await page.context().newPage();
  await film.setContent(
    `<title>${title}</title><body style="background: rgb(${colour.join()})"><p>|</p></body>`,
  );
  // Browsers let a page sound once somebody touched it.
  await film.mouse.click(10, 10);
  await film.evaluate((hertz) => {
    const context = new AudioContext();
    const sound = new OscillatorNode(context, { frequency: hertz });
    sound.connect(context.destination);
    sound.start();
    // A tab in which nothing moves is not captured again and again.
    const mark = document.querySelector("p");
    setInterval(() => {
      if (mark !== null) mark.textContent = mark.textContent === "|" ? "-" : "|";
    }, 50);
  }, tone);
  await page.bringToFront();
}

story("Bob shows a tab that plays something: Alice and Carol see and hear it, and him", async (stage) => {
  const [title, film] = ["Bob's film", { colour: [255, 128, 0], tone: 2500 } as const];
  const { Alice, Bob, Carol } = await threeTogether(stage, { shows: title });
  await plays(Bob, title, film);
  await control(Bob.page, tc.controls.share);
  await Promise.all([Alice, Carol].map(({ page }) => sees(page, film)));
  await Promise.all([Alice, Carol].map(({ page }) => hears(page, film)));
  await seeEachOther(Alice, Bob, Carol);
  await hearEachOther(Alice, Bob, Carol);
});

story("Alice locks the conference: Bob is told why he cannot invite", async (stage) => {
  const { Alice, Bob } = await seats(stage, ["Alice", "Bob"]);
  await calls(Alice, Bob);
  await seeEachOther(Alice, Bob);
  await opensPanel(Alice, "people");
  await Alice.page.getByRole("switch", { name: tc.roster.lock }).click();
  await control(Bob.page, tc.controls.invite);
  await Bob.page.getByText(tc.invite.locked("Alice").title).waitFor();
});

story("Alice, the organiser, leaves: Bob is told that it is him now, and can lock", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  await hangUp(Alice.page);
  await Promise.all([
    Bob.page.getByText(tc.organiserIsYou).waitFor(),
    Carol.page.getByText(tc.organiserIs("Bob")).waitFor(),
  ]);
  await seeEachOther(Bob, Carol);
  await opensPanel(Bob, "people");
  await Bob.page.getByRole("switch", { name: tc.roster.lock }).click();
  await control(Carol.page, tc.controls.invite);
  await Carol.page.getByText(tc.invite.locked("Bob").title).waitFor();
});

story("Carol hangs up and comes back from her history without ringing anybody", async (stage) => {
  const { Alice, Bob, Carol } = await threeTogether(stage);
  await hangUp(Carol.page);
  await hasTilesOf(Bob, [Alice]);
  await Carol.page.evaluate(() => (location.hash = "#/"));
  await Carol.page
    .getByRole("button", { name: new RegExp(`^${t.history.rejoin}`) })
    .first()
    .click();
  await seeEachOther(Alice, Bob, Carol);
});

story(
  "Alice, who invited all, has left; Carol hangs up and comes back over Bob, without ringing",
  async (stage) => {
    const { Alice, Bob, Carol, Dave } = await seats(stage, ["Alice", "Bob", "Carol", "Dave"]);
    await acquaint(Bob, Carol);
    await calls(Alice, Bob);
    await seeEachOther(Alice, Bob);
    for (const seat of [Carol, Dave]) {
      await invites(Alice, seat);
      await takes(seat);
    }
    await seeEachOther(Alice, Bob, Carol, Dave);
    await opensPanel(Bob, "people");
    const row = Bob.page.getByRole("listitem").filter({ hasText: "Carol" });
    await row.filter({ hasNotText: tc.tile.unproven }).first().waitFor();
    await hangUp(Alice.page);
    await hasTilesOf(Carol, [Bob, Dave]);
    await hangUp(Carol.page);
    await Carol.page.getByRole("button", { name: Bob.device.owner.address }).click();
    await seeEachOther(Bob, Carol, Dave);
  },
);
