import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { type Browser, chromium } from "playwright-core";
import { build, preview } from "vite";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The pages built with the fake backend, served as the loopback host serves them. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
  /** Closes it and deletes what was built. */
  remove(): Promise<void>;
}

export async function serveSite(name: string): Promise<Site> {
  const outDir = resolve(root, `../target/ui-${name}`);
  const common = { root, mode: "fake", logLevel: "error" } as const;
  await build({ ...common, build: { outDir, emptyOutDir: true } });
  const server = await preview({
    ...common,
    build: { outDir },
    preview: { port: 0, host: "127.0.0.1", headers: { "Content-Security-Policy": policy() } },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the preview server has no address");
  const close = () => server.close();
  const remove = async () => {
    await close();
    await rm(outDir, { recursive: true, force: true });
  };
  return { url, close, remove };
}

/** Chromium with a fake camera, as Debian packs it. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      "--disable-quic",
      "--disable-background-networking",
    ],
  });
}

/** The very policy that the backend sends. */
function policy(): string {
  const source = readFileSync(resolve(root, "../crates/app/src/loopback/mod.rs"), "utf8");
  const literal = /const POLICY: &str = "([^"]*)"/.exec(source)?.[1];
  if (literal === undefined) throw new Error("the loopback host has no content security policy");
  return literal.replace(/\\\n\s*/g, "");
}
