// The input: Enter sends, Shift+Enter breaks the line, and an Enter that ends an input-method composition does neither.

const COMPOSING = 229; // what keyCode says while an input method is at work, also where isComposing is late (Safari)

export class Composer {
  #form;
  #text;
  #justComposed = false;

  constructor(form, text, onSay) {
    this.#form = form;
    this.#text = text;
    this.onSay = onSay;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    text.addEventListener("keydown", (event) => this.#keyPressed(event));
    text.addEventListener("input", () => this.#grow());
    text.addEventListener("compositionend", () => {
      this.#justComposed = true;
      window.setTimeout(() => {
        this.#justComposed = false;
      }, 0);
    });
    window.addEventListener("resize", () => this.#grow());
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  #keyPressed(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    if (event.isComposing || event.keyCode === COMPOSING || this.#justComposed) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text) {
      this.focus();
      return;
    }
    this.#text.value = "";
    this.#grow();
    this.onSay(text);
  }

  #grow() {
    const text = this.#text;
    text.style.height = "auto";
    const border = text.offsetHeight - text.clientHeight;
    text.style.height = `${text.scrollHeight + border}px`;
  }
}
