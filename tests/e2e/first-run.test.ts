import { strict as assert } from "node:assert";

import type { Page } from "playwright-core";

import { t } from "../../ui/src/texts/index.ts";
import type { Person } from "../harness/person.ts";
import { stories } from "../harness/story.ts";

const { story } = stories("first-run");

/** Fills in the one screen of the first run, with servers that no discovery can find. */
async function signIn(
  page: Page,
  person: Pick<Person, "address" | "name" | "password">,
  ports: { imap: number; smtp: number },
): Promise<void> {
  await page.getByLabel(t.firstRun.address).fill(person.address);
  await page.getByRole("textbox", { name: t.firstRun.password, exact: true }).fill(person.password);
  await page.getByLabel(t.firstRun.name, { exact: true }).fill(person.name);
  // Nothing is found for example.test: the fields open by themselves.
  await page.getByRole("group", { name: t.firstRun.receiving }).waitFor();
  for (const [legend, port] of [
    [t.firstRun.receiving, ports.imap],
    [t.firstRun.sending, ports.smtp],
  ] as const) {
    const group = page.getByRole("group", { name: legend });
    await group.getByLabel(t.firstRun.host).fill("127.0.0.1");
    await group.getByLabel(t.firstRun.port).fill(String(port));
    await group.getByLabel(t.firstRun.security).selectOption("tls");
  }
  await page.getByLabel(t.firstRun.secretsFile).check();
  await page.getByRole("button", { name: t.firstRun.signIn, exact: true }).click();
}

story("from nothing to a working account on one screen, trusting the one certificate", async (stage) => {
  const person = await stage.person("Alice");
  const alice = await person.device("laptop", { mailbox: null });
  const page = await alice.open();
  const { imaps, submissions } = stage.mail.at.ports;
  await signIn(page, person, { imap: imaps, smtp: submissions });
  await page.getByRole("button", { name: t.certificate.trust }).click();
  await page.getByText(t.selfTest.good("").title).waitFor();
  await page.getByRole("button", { name: t.selfTest.start }).click();
  await page.getByRole("combobox", { name: t.dial.label }).waitFor();
  const account = await alice.client.until("the account is ready", () =>
    alice.client.accounts.find(({ state }) => state.type === "Ready"),
  );
  assert.equal(account.address, person.address);
});

story("a wrong password is refused on that screen, and the right one works", async (stage) => {
  const person = await stage.person("Alice");
  const alice = await person.device("laptop", { mailbox: null });
  const page = await alice.open();
  const { imaps, submissions } = stage.mail.at.ports;
  const mistyped = { name: person.name, address: person.address, password: "mistyped" };
  await signIn(page, mistyped, { imap: imaps, smtp: submissions });
  await page.getByRole("button", { name: t.certificate.trust }).click();
  await page.getByText(t.errors.wrong_password.title).waitFor();
  await page.getByRole("textbox", { name: t.firstRun.password, exact: true }).fill(person.password);
  await page.getByRole("button", { name: t.firstRun.signIn, exact: true }).click();
  await page.getByRole("button", { name: t.certificate.trust }).click();
  await page.getByText(t.selfTest.good("").title).waitFor();
});
