import type { Host } from "./host";
import { LoopbackHost } from "./loopback";
import { takeKey } from "./key";
import { pageId } from "./page";

export {
  CommandFailed,
  type FailureCode,
  type Host,
  type HostKind,
  type HostStatus,
  type Unsubscribe,
} from "./host";
export { endedBefore, findCall, isAsking, isOver, isTalking, reduce, type State } from "./store";

/** Whether this page can make links; Debian's WebKitGTK cannot. */
export const canWebrtc = typeof RTCPeerConnection !== "undefined";

/** Connects to whatever runs this page. The parts that only the native shell needs are fetched only there. */
export async function openHost(): Promise<Host> {
  const page = await pageId();
  if ("__TAURI_INTERNALS__" in window) {
    const { TauriHost } = await import("./tauri");
    return TauriHost.open(page, canWebrtc);
  }
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const host = new LoopbackHost({ url: url.href, key: takeKey(), page, canWebrtc });
  addEventListener("online", () => host.retryNow());
  addEventListener("focus", () => host.retryNow());
  return host;
}
