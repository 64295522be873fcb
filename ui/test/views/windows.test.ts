import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { usePages } from "./support/pages";
import { button, openMenuOf, openStage, tile } from "./support/stage";

const pages = usePages();

describe("a picture in a small window", () => {
  const isOpen = (page: Page) => page.evaluate(() => document.pictureInPictureElement !== null);
  const open = async (page: Page, name: string) => {
    await openMenuOf(page, name);
    await button(page, tc.tile.pip).click();
    await expect.poll(() => isOpen(page)).toBe(true);
  };
  const streamIsThatOf = (page: Page, key: string) =>
    page.evaluate((wanted) => {
      const video = document.pictureInPictureElement as HTMLVideoElement | null;
      const who = window.fakeRoom.view.participants.find((one) => one.key === wanted);
      return video !== null && video.srcObject === who?.stream && video.videoWidth > 0;
    }, key);

  test("is that of whom the user chose, and is closed from the same menu", async () => {
    const page = await openStage(pages, "conference-4");
    await open(page, "Carol Weiß");
    expect(await streamIsThatOf(page, "person-1")).toBe(true);
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.pipClose).click();
    await expect.poll(() => isOpen(page)).toBe(false);
  });

  test("stays who speaks large changes, and whom it shows comes and goes from the large place", async () => {
    const page = await openStage(pages, "conference-4");
    await page.keyboard.press("g");
    await page.evaluate(() => window.fakeRoom.speak("person-1"));
    await expect.poll(async () => (await tile(page, "Carol Weiß").boundingBox())?.width).toBeGreaterThan(800);
    await open(page, "Carol Weiß");
    await page.evaluate(() => window.fakeRoom.speak("person-0"));
    await expect.poll(async () => (await tile(page, "Carol Weiß").boundingBox())?.width).toBeLessThan(300);
    expect(await isOpen(page)).toBe(true);
    expect(await streamIsThatOf(page, "person-1")).toBe(true);
  });

  test("goes over to somebody else, and closes when they have no picture any more", async () => {
    const page = await openStage(pages, "conference-4");
    await open(page, "Carol Weiß");
    await openMenuOf(page, "Bob Okafor");
    await button(page, tc.tile.pip).click();
    await expect.poll(() => streamIsThatOf(page, "person-0")).toBe(true);
    await page.evaluate(() => window.fakeRoom.change("person-0", { camera: false }));
    await expect.poll(() => isOpen(page)).toBe(false);
  });

  test("closed by its own button it can be opened again", async () => {
    const page = await openStage(pages, "conference-4");
    await open(page, "Carol Weiß");
    await page.evaluate(() => document.exitPictureInPicture());
    await open(page, "Carol Weiß");
  });

  test("that the browser refuses is said", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => {
      HTMLVideoElement.prototype.requestPictureInPicture = () => Promise.reject(new Error("no"));
    });
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.pip).click();
    await page.getByText(tc.tile.pipFailed).waitFor();
  });

  test("is not offered of somebody who shows no picture", async () => {
    const page = await openStage(pages, "conference-8");
    await openMenuOf(page, "Dora Lindqvist of the Harbour Office");
    await button(page, tc.tile.details).waitFor();
    expect(await button(page, tc.tile.pip).count()).toBe(0);
  });
});

describe("full screen", () => {
  const isFull = (page: Page) => page.evaluate(() => document.fullscreenElement !== null);

  test("comes and goes with F", async () => {
    const page = await openStage(pages, "conference-4");
    await page.keyboard.press("f");
    await expect.poll(() => isFull(page)).toBe(true);
    await page.keyboard.press("f");
    await expect.poll(() => isFull(page)).toBe(false);
  });

  test("comes from the menu, which then says how to leave it", async () => {
    const page = await openStage(pages, "conference-4");
    await button(page, tc.controls.more).click();
    await button(page, t.controls.fullScreen).click();
    await expect.poll(() => isFull(page)).toBe(true);
    await button(page, tc.controls.more).click();
    await button(page, t.controls.exitFullScreen).click();
    await expect.poll(() => isFull(page)).toBe(false);
  });

  test("ends with the call", async () => {
    const page = await openStage(pages, "call-connected");
    await page.keyboard.press("f");
    await expect.poll(() => isFull(page)).toBe(true);
    await button(page, t.controls.hangUp).click();
    await button(page, t.ended.again).waitFor();
    await expect.poll(() => isFull(page)).toBe(false);
  });

  test("of a call of two is a button, and is left with it, too", async () => {
    const page = await openStage(pages, "call-camera-off");
    await page.keyboard.press("f");
    await expect.poll(() => isFull(page)).toBe(true);
    await page.evaluate(() => document.exitFullscreen());
    await button(page, tc.controls.more).click();
    await button(page, t.controls.fullScreen).waitFor();
  });
});

describe("beside the pictures", () => {
  test.each([870, 1024, 1440])(
    "at a width of %i every control is in sight beside the panel",
    async (width) => {
      const page = await openStage(pages, "conference-4", { viewport: { width, height: 640 } });
      await page.keyboard.press("c");
      await page.getByRole("log").waitFor();
      const panel = await page.getByRole("complementary").boundingBox();
      const bar = await page.getByRole("toolbar", { name: t.controls.bar }).boundingBox();
      expect(bar?.x).toBeGreaterThanOrEqual(0);
      expect((bar?.x ?? 0) + (bar?.width ?? Infinity)).toBeLessThanOrEqual(panel?.x ?? 0);
    },
  );

  test.each(["conference-4", "call-ringing", "ring"] as const)(
    "in the scene %s a headset that appears is offered, and its microphone and speaker are taken with one press",
    async (scene) => {
      const page = await pages.open(scene);
      await page.locator("video[data-self]").waitFor();
      await page.evaluate(() => {
        window.fakeDevices.appear({ id: "m3", kind: "microphone", label: "Blue headset", group: "blue" });
        window.fakeDevices.appear({ id: "s3", kind: "speaker", label: "Blue headset Stereo", group: "blue" });
      });
      const used = () =>
        page.evaluate(() =>
          (["microphone", "speaker"] as const).map((kind) => window.fakeDevices.used(kind)?.id ?? null),
        );
      await page.getByText(t.controls.appeared("Blue headset")).waitFor();
      expect(await used()).toEqual([null, null]);
      await button(page, t.controls.use).click();
      await expect.poll(used).toEqual(["m3", "s3"]);
    },
  );

  test("what is said at the edge covers no control", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => {
      window.fakeDevices.appear({ id: "m3", kind: "microphone", label: "Blue headset", group: "blue" });
    });
    const toast = page.getByText(t.controls.appeared("Blue headset"));
    await toast.waitFor();
    const [said, bar] = [await toast.boundingBox(), await page.getByRole("toolbar").boundingBox()];
    expect((said?.y ?? Infinity) + (said?.height ?? 0)).toBeLessThan(bar?.y ?? 0);
  });
});
