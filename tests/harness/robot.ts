import type { LinkState } from "../../ui/src/bindings/LinkState.ts";
import type { Device } from "./person.ts";
import { Client } from "./client.ts";

/** A program in the place of a page: it makes descriptions of its own, as docs/automation.md tells. */
export class Robot {
  private constructor(readonly client: Client) {}

  /** Takes over the links of a device. */
  static async at(device: Device): Promise<Robot> {
    const robot = new Robot(
      await Client.connect(device.backend.url, device.backend.token, { canWebrtc: true }),
    );
    robot.client.onEvent((event) => {
      if (event.type !== "MakeOffer" && event.type !== "MakeAnswer") return;
      const kind = event.type === "MakeOffer" ? "offer" : "answer";
      robot.#tell({ type: "Described", link: event.link, description: `${kind}-${event.link}` });
    });
    return robot;
  }

  /** Reports the state of a link. */
  async report(link: string, state: LinkState): Promise<void> {
    await this.client.command({ type: "LinkState", link, state });
  }

  /** Hands over what the other side sent on a link's control channel. */
  async hears(link: string, signal: unknown): Promise<void> {
    await this.client.command({ type: "SignalFromLink", link, signal });
  }

  close(): void {
    this.client.close();
  }

  #tell(command: Parameters<Client["command"]>[0]): void {
    // A link may be closed before its description arrives; the story sees what follows from a real refusal.
    this.client.command(command).catch(() => undefined);
  }
}
