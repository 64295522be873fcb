import { tc } from "../../../texts/conference";
import type { WrittenRecord } from "../../records.svelte";
import { saveText } from "./save";
import { chatText } from "./transcript";

/** Saves all that was written in a call as one file. */
export function saveRecord({ chat, notes, own }: WrittenRecord): void {
  const { chat: chatName, notes: notesName, both } = tc.fileNames;
  const lines = chatText(chat, own);
  if (notes.trim() === "") saveText(chatName, lines);
  else if (chat.length === 0) saveText(notesName, notes);
  else saveText(both, `${notes.trimEnd()}\n\n${lines}`);
}
