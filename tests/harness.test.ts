import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import type { Page } from "playwright-core";

import { openBrowser } from "./harness/browser.ts";
import { MailServer } from "./harness/mail.ts";
import type { Presence } from "./harness/media.ts";
import { results } from "./harness/paths.ts";
import { hears, sees } from "./harness/senses.ts";

const alice: Presence = { colour: [220, 40, 40], tone: 440 };
const bob: Presence = { colour: [40, 60, 220], tone: 660 };

void test("a mail that a story posts is delivered and counted", async () => {
  const mail = await MailServer.up(join(results, "mail-harness"));
  try {
    await mail.addAccount("zoe@example.test", "secret");
    await mail.post("alice@example.test", "zoe@example.test", "Subject: hello\n\n.A dot in front\n");
    const [delivery] = await mail.delivered("zoe@example.test", 1);
    assert.equal(delivery?.folder, "INBOX");
  } finally {
    await mail.down();
  }
});

void test("pages see and hear whom they are connected to, and nobody else", async () => {
  const server = createServer((_, response) =>
    response.setHeader("content-type", "text/html").end("<!doctype html>"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browsers = await Promise.all([openBrowser("alice", alice), openBrowser("bob", bob)]);
  try {
    const pages = await Promise.all(browsers.map(async (browser) => browser.newPage()));
    const [alicePage, bobPage] = pages as [Page, Page];
    await Promise.all(pages.map((page) => page.goto(url)));
    await connect(alicePage, bobPage);
    await Promise.all([
      sees(alicePage, bob),
      hears(alicePage, bob),
      sees(bobPage, alice),
      hears(bobPage, alice),
    ]);
    await assert.rejects(sees(alicePage, alice, 500));
    await assert.rejects(hears(bobPage, bob, 500));
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    server.close();
  }
});

/** Connects two bare pages with one offer and one answer. */
async function connect(caller: Page, callee: Page): Promise<void> {
  for (const page of [caller, callee]) {
    await page.evaluate(async () => {
      const link = new RTCPeerConnection();
      const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      for (const track of camera.getTracks()) link.addTrack(track, camera);
      const remote = document.body.appendChild(document.createElement("video"));
      link.ontrack = ({ streams: [stream] }) => {
        remote.srcObject = stream ?? null;
        void remote.play();
      };
      Object.assign(window, { link });
    });
  }
  const describe = (page: Page, remote?: string): Promise<string> =>
    page.evaluate(async (sdp) => {
      const { link } = window as unknown as { link: RTCPeerConnection };
      if (sdp !== undefined) await link.setRemoteDescription({ type: "offer", sdp });
      const gathered = new Promise<void>((resolve) => {
        link.onicegatheringstatechange = () => {
          if (link.iceGatheringState === "complete") resolve();
        };
      });
      await link.setLocalDescription();
      await gathered;
      return link.localDescription?.sdp ?? "";
    }, remote);
  const offer = await describe(caller);
  const answer = await describe(callee, offer);
  await caller.evaluate(async (sdp) => {
    const { link } = window as unknown as { link: RTCPeerConnection };
    await link.setRemoteDescription({ type: "answer", sdp });
  }, answer);
}
