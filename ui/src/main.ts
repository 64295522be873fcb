import "./app.css";

import { mount } from "svelte";

import { canWebrtc, type Host, openHost } from "./host";
import App from "./views/App.svelte";
import { App as Model, type AppPorts } from "./views/app.svelte";

async function start(): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) throw new Error("the page has no place for the app");
  const app = new Model(await ports());
  mount(App, { target, props: { app } });
  addEventListener("unhandledrejection", ({ reason }) => app.fault(reason));
}

async function ports(): Promise<AppPorts> {
  // Only pages built for development and tests know the fake.
  if (import.meta.env.MODE !== "production" && !("__TAURI_INTERNALS__" in window)) {
    const { openFake } = await import("./views/desk/fake");
    return openFake(new URLSearchParams(location.search).get("scene") ?? "main");
  }
  const host: Host = await openHost();
  const loadDesk: AppPorts["loadDesk"] = async (desk) =>
    new (await import("./views/desk/live")).LiveDesk(desk);
  return { host, canWebrtc, loadDesk };
}

start().catch(reportError);
