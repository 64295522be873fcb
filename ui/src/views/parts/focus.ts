/** Takes the focus if nothing has it: what had it went with the former view. */
export function arrives(element: HTMLElement): void {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) element.focus({ preventScroll: true });
}

/** The same for a field to type in, where a keyboard on the screen does not cover half of it. */
export function awaitsTyping(element: HTMLElement): void {
  if (matchMedia("(hover: hover)").matches) arrives(element);
}
