// Keeps the inbox fresh: fetches the messages as a fragment and swaps them in when they changed.
const messages = document.querySelector("[data-fresh]");
const PAUSE_MILLISECONDS = 1500;
let shown = "";

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(messages.dataset.fresh);
  if (!response.ok) return;
  const html = await response.text();
  if (shown && html !== shown) {
    const open = [...messages.querySelectorAll("details[open]")].map((details) => details.id);
    messages.innerHTML = html;
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  }
  shown = html;
}

async function keepFresh() {
  try {
    await refresh();
  } catch {
    // The simulator is restarting; the next round finds it again.
  }
  setTimeout(keepFresh, PAUSE_MILLISECONDS);
}

if (messages) keepFresh();
