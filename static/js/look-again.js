// A part marked data-look-again="1" waits for the workers: it is asked for again until it has something to say.

const PAUSE = 1500;

export function lookAgain() {
  const part = document.querySelector('[data-look-again="1"]');
  if (!part) return;
  const ask = async () => {
    if (document.hidden) return setTimeout(ask, PAUSE);
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-look-again]");
      if (!fresh) return;
      // The region that is announced stays in place; only its words change.
      const [place, words] = [part, fresh].map((each) => each.querySelector('[role="status"]'));
      if (place.innerHTML !== words.innerHTML) place.innerHTML = words.innerHTML;
      if (fresh.dataset.lookAgain !== "1") return;
    }
    setTimeout(ask, PAUSE);
  };
  setTimeout(ask, PAUSE);
}
