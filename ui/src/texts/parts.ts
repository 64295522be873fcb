/** A heading, and what it means or what to do next. */
export interface Words {
  readonly title: string;
  readonly text: string;
}

export const words = (title: string, text = ""): Words => ({ title, text });
