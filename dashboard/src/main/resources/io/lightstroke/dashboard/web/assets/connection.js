// The WebSocket to the dashboard. It opens itself again for ever; a server that says nothing for SILENCE_MS is taken for
// gone, for a broken network closes no socket.

const SILENCE_MS = 3000;
const FIRST_DELAY_MS = 300;
const LAST_DELAY_MS = 5000;

/** Calls onMessage(object, arrivalMs) for each message and onLost() each time the connection goes. */
export function connect(onMessage, onLost) {
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
  let socket = null;
  let retry = null;
  let delayMs = FIRST_DELAY_MS;
  let heardMs = 0;

  function open() {
    clearTimeout(retry);
    const mine = new WebSocket(url);
    socket = mine;
    heardMs = performance.now();
    mine.onmessage = (event) => {
      if (mine === socket) {
        heardMs = performance.now();
        delayMs = FIRST_DELAY_MS;
        onMessage(JSON.parse(event.data), heardMs);
      }
    };
    mine.onclose = () => gone(mine);
  }

  function gone(which) {
    if (which !== socket) {
      return;
    }
    socket = null;
    which.close();
    onLost();
    retry = setTimeout(open, delayMs * (0.75 + Math.random() / 2));
    delayMs = Math.min(LAST_DELAY_MS, delayMs * 2);
  }

  setInterval(() => {
    if (socket !== null && performance.now() - heardMs > SILENCE_MS) {
      gone(socket);
    }
  }, 500);
  // A device that wakes up, or is in a network again, does not wait for its turn.
  const now = () => {
    if (socket === null && document.visibilityState === "visible") {
      open();
    }
  };
  addEventListener("online", now);
  document.addEventListener("visibilitychange", now);
  open();
}
