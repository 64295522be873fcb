import type { ChatLine } from "../../../conference";
import { t } from "../../../texts";
import { tc } from "../../../texts/conference";

/** What was written, to be read outside of Mailcall: a line each, with time and name. */
export function chatText(lines: readonly ChatLine[], own: string): string {
  return lines
    .map((line) => {
      const at = new Date(line.at).toLocaleString("sv", { dateStyle: "short", timeStyle: "short" });
      const who = line.author === own ? tc.you : line.name || t.ongoing.somebody;
      const mark = line.privateWith === null ? "" : ` (${tc.chat.privateMark})`;
      return `[${at}] ${who}${mark}: ${line.text.replaceAll("\n", "\n    ")}\n`;
    })
    .join("");
}
