import type { Page } from "playwright-core";

import { describe, expect, test } from "vitest";

import { t } from "../../src/texts";
import { commands, tabTo, usePages } from "./support/pages";

const pages = usePages();

/** The backend has found out that the key store works, and says so. */
async function keyStoreAnswers(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.fakeHost.onEvent((event) => {
      if (event.type === "Snapshot") window.fakeHost.emit({ ...event, key_store: true });
    })();
  });
}

test("Alice signs in with the keyboard alone and is told how fast a call reaches her", async () => {
  const page = await pages.open("first-run");
  expect(await page.locator(":focus").getAttribute("id")).toBe("address");
  await page.keyboard.type("alice@example.test");
  await tabTo(page, t.firstRun.password);
  await page.keyboard.type("secret");
  await tabTo(page, t.firstRun.name);
  await page.keyboard.type("Alice");
  await page.keyboard.press("Enter");
  await page.getByText("0.8 seconds").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: t.dial.label }).waitFor();
  const [signIn] = (await commands(page)).filter(({ type }) => type === "SignIn");
  expect(signIn).toEqual({
    type: "SignIn",
    address: "alice@example.test",
    name: "Alice",
    password: "secret",
    servers: null,
    pin: null,
    other_pin: null,
    secrets: "key_store",
  });
});

test("an address that is none is said so before anything is sent", async () => {
  const page = await pages.open("first-run");
  await page.getByLabel(t.firstRun.address).fill("alice");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByText(t.firstRun.addressBad).waitFor();
  expect(await page.locator(":focus").getAttribute("id")).toBe("address");
  expect((await commands(page)).map(({ type }) => type)).not.toContain("SignIn");
});

test("a refused password is said in plain words; the server's own are a detail", async () => {
  const page = await pages.open("first-run-wrong-password");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("wrong");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  const alert = page.getByRole("alert");
  await alert.getByText(t.errors.wrong_password.title).waitFor();
  await alert.getByText(t.errors.wrong_password.text).waitFor();
  const words = alert.getByText("AUTHENTICATIONFAILED");
  expect(await words.isVisible()).toBe(false);
  await alert.getByText(t.app.details).click();
  expect(await words.isVisible()).toBe(true);
});

test("a certificate is trusted only by a second step, and only that one", async () => {
  const page = await pages.open("first-run-certificate");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  const dialog = page.getByRole("dialog", { name: t.certificate.title });
  await dialog.getByText("9F86 D081 884C").waitFor();
  // The safe answer has the focus, and Esc is the same.
  expect(await page.locator(":focus").textContent()).toBe(t.certificate.stop);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await dialog.getByRole("button", { name: t.certificate.trust }).click();
  await page.waitForFunction(
    () => window.fakeHost.commands.filter(({ type }) => type === "SignIn").length === 3,
  );
  const pins = (await commands(page)).flatMap((command) => (command.type === "SignIn" ? [command.pin] : []));
  expect(pins).toEqual([null, null, "9f86d081884c7d659a2feaa0c55ad015".repeat(2)]);
});

test("two servers with a certificate of their own are trusted one after the other", async () => {
  const page = await pages.open("first-run-two-certificates");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  const dialog = page.getByRole("dialog", { name: t.certificate.title });
  for (const server of ["imap", "smtp"]) {
    await dialog.getByText(`${server}.example.test`).waitFor();
    await dialog.getByRole("button", { name: t.certificate.trust }).click();
  }
  await page.getByRole("button", { name: t.selfTest.start }).waitFor();
  const last = (await commands(page)).findLast((command) => command.type === "SignIn");
  expect(last).toMatchObject({ pin: "0".repeat(64), other_pin: "1".repeat(64) });
});

test("without a key store the password goes into a file only when Alice chose that", async () => {
  const page = await pages.open("first-run-no-key-store");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByText(t.firstRun.secretsMissing).waitFor();
  expect((await commands(page)).map(({ type }) => type)).not.toContain("SignIn");
  await page.getByRole("radio", { name: t.firstRun.secretsFile }).check();
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByRole("button", { name: t.selfTest.start }).waitFor();
  expect(await commands(page)).toContainEqual(expect.objectContaining({ type: "SignIn", secrets: "file" }));
});

test("Gmail's app password is asked for, with the way to its page", async () => {
  const page = await pages.open("first-run-app-password");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  const link = page.getByRole("link", { name: t.firstRun.hintLink.app_password("Gmail") });
  expect(await link.getAttribute("href")).toMatch(/^https:/);
  await page.getByLabel(t.firstRun.appPassword("Gmail"), { exact: true }).waitFor();
});

test("Outlook.com is said to accept no passwords", async () => {
  const page = await pages.open("first-run-no-passwords");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByText(t.firstRun.hint.no_passwords("Outlook.com").title).waitFor();
});

test("servers that nobody knows are entered by hand", async () => {
  const page = await pages.open("first-run-unknown");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByText(t.firstRun.notFound("example.test")).waitFor();
  const [imap, smtp] = [
    page.getByRole("group", { name: t.firstRun.receiving }),
    page.getByRole("group", { name: t.firstRun.sending }),
  ];
  await imap.getByLabel(t.firstRun.host).fill("mail.example.test");
  await imap.getByLabel(t.firstRun.port).fill("143");
  await imap.getByLabel(t.firstRun.security).selectOption("start_tls");
  await smtp.getByLabel(t.firstRun.host).fill("mail.example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByRole("button", { name: t.selfTest.start }).waitFor();
  expect(await commands(page)).toContainEqual(
    expect.objectContaining({
      servers: {
        imap: { host: "mail.example.test", port: 143, security: "start_tls" },
        smtp: { host: "mail.example.test", port: 465, security: "tls" },
        login: null,
      },
    }),
  );
});

describe("a typo in the address", () => {
  const mistype = async (): Promise<Page> => {
    const page = await pages.open("first-run-mistyped");
    await page.getByLabel(t.firstRun.address).fill("alice@exmaple.test");
    await page.getByText(t.firstRun.notFound("exmaple.test")).waitFor();
    await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
    return page;
  };
  const receiving = (page: Page) =>
    page.getByRole("group", { name: t.firstRun.receiving }).getByLabel(t.firstRun.host);
  const signIn = async (page: Page) => {
    await page.getByRole("button", { name: t.firstRun.signIn }).click();
    await page.getByRole("button", { name: t.selfTest.start }).waitFor();
    return (await commands(page)).find(({ type }) => type === "SignIn");
  };

  test("is corrected, and Alice's password goes to no server of the mistyped domain", async () => {
    const page = await mistype();
    await page.getByLabel(t.firstRun.address).fill("alice@example.test");
    await page.getByText(t.firstRun.found("imap.example.test", "smtp.example.test")).waitFor();
    expect(await signIn(page)).toMatchObject({ address: "alice@example.test", servers: null });
  });

  test("is corrected, and not even a sign-in before anything is found goes there", async () => {
    const page = await mistype();
    await page.getByLabel(t.firstRun.address).fill("alice@example.test");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: t.selfTest.start }).waitFor();
    const sent = (await commands(page)).find(({ type }) => type === "SignIn");
    expect(sent).toMatchObject({ servers: null });
  });

  test("takes its guessed servers along, also where only the port of one was changed", async () => {
    const page = await mistype();
    await page.getByRole("group", { name: t.firstRun.receiving }).getByLabel(t.firstRun.port).fill("143");
    await page.getByLabel(t.firstRun.address).fill("alice@examlpe.test");
    await page.getByText(t.firstRun.notFound("examlpe.test")).waitFor();
    expect(await receiving(page).inputValue()).toBe("imap.examlpe.test");
  });

  test("closes no fields that Alice opened; they get what was found", async () => {
    const page = await pages.open("first-run-mistyped");
    await page.getByRole("button", { name: t.firstRun.change }).click();
    await page.getByLabel(t.firstRun.address).fill("alice@exmaple.test");
    await page.getByText(t.firstRun.notFound("exmaple.test")).waitFor();
    await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
    await page.getByLabel(t.firstRun.address).fill("alice@example.test");
    await expect.poll(() => receiving(page).inputValue()).toBe("imap.example.test");
    expect(await signIn(page)).toMatchObject({ servers: { smtp: { host: "smtp.example.test" } } });
  });

  test("leaves alone a server that Alice typed", async () => {
    const page = await mistype();
    await receiving(page).fill("mail.example.test");
    await page.getByLabel(t.firstRun.address).fill("alice@examlpe.test");
    await page.getByText(t.firstRun.notFound("examlpe.test")).waitFor();
    expect(await receiving(page).inputValue()).toBe("mail.example.test");
  });

  test("that is made and taken back at once leaves what was found", async () => {
    const page = await pages.open("first-run-mistyped");
    const found = page.getByText(t.firstRun.found("imap.example.test", "smtp.example.test"));
    await page.getByLabel(t.firstRun.address).fill("alice@example.test");
    await found.waitFor();
    await page.getByLabel(t.firstRun.address).press("x");
    await found.waitFor({ state: "detached" });
    await page.getByLabel(t.firstRun.address).press("Backspace");
    await found.waitFor();
  });
});

test("a domain without a dot is looked for when Alice has left the field, and not while she types", async () => {
  const page = await pages.open("first-run");
  const asked = async () =>
    (await commands(page)).flatMap((command) => (command.type === "Discover" ? [command.address] : []));
  await page.clock.install();
  await page.getByLabel(t.firstRun.address).fill("alice@ex");
  await page.clock.runFor(5000);
  expect(await asked()).toEqual([]);
  await page.getByLabel(t.firstRun.address).blur();
  expect(await asked()).toEqual(["alice@ex"]);
});

test("servers that only an unprotected lookup names are shown before the password goes there", async () => {
  const page = await pages.open("first-run-unsure");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByText(t.firstRun.unsure).waitFor();
  const imap = page.getByRole("group", { name: t.firstRun.receiving });
  expect(await imap.getByLabel(t.firstRun.host).inputValue()).toBe("imap.example.test");
});

test("a slow mailbox is called slow", async () => {
  const page = await pages.open("first-run-slow");
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.keyboard.press("Enter");
  await page.getByText(t.selfTest.slow("21 seconds").title).waitFor();
});

test("a key store that answers while Alice types is used, and she is asked nothing", async () => {
  const page = await pages.open("first-run-no-key-store");
  const choice = page.getByRole("radio", { name: t.firstRun.secretsFile });
  await choice.waitFor();
  await keyStoreAnswers(page);
  await choice.waitFor({ state: "detached" });
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByRole("button", { name: t.selfTest.start }).waitFor();
  expect(await commands(page)).toContainEqual(
    expect.objectContaining({ type: "SignIn", secrets: "key_store" }),
  );
});

test("what Alice has chosen before the key store answers stays in sight, and stays", async () => {
  const page = await pages.open("first-run-no-key-store");
  await page.getByRole("radio", { name: t.firstRun.secretsFile }).check();
  await keyStoreAnswers(page);
  await page.getByRole("radio", { name: t.firstRun.secretsRetry }).waitFor();
  await page.getByLabel(t.firstRun.address).fill("alice@example.test");
  await page.getByLabel(t.firstRun.password, { exact: true }).fill("secret");
  await page.getByRole("button", { name: t.firstRun.signIn }).click();
  await page.getByRole("button", { name: t.selfTest.start }).waitFor();
  expect(await commands(page)).toContainEqual(expect.objectContaining({ type: "SignIn", secrets: "file" }));
});
