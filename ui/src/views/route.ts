import type { CallId } from "../bindings/CallId";

/** What a location hash asks for. The native shell and the browser open a call by it. */
export type Route =
  | { readonly view: "main" }
  | { readonly view: "settings" }
  | { readonly view: "add-account" }
  | { readonly view: "call"; readonly call: CallId }
  | { readonly view: "ring"; readonly call: CallId };

/** The route of a location hash; anything unknown is the main window. */
export function parseRoute(hash: string): Route {
  const [view, id] = hash.replace(/^#?\/?/, "").split("/");
  if ((view === "call" || view === "ring") && id !== undefined && /^[0-9a-f]{32}$/.test(id)) {
    return { view, call: id };
  }
  return view === "settings" || view === "add-account" ? { view } : { view: "main" };
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case "main":
      return "#/";
    case "settings":
    case "add-account":
      return `#/${route.view}`;
    case "call":
    case "ring":
      return `#/${route.view}/${route.call}`;
  }
}
