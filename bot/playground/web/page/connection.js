// The WebSocket: state and changes come in, actions go out and are answered. Comes back by itself.

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;

export class Connection {
  /** `told` gets every state and change; `open` whether the line stands. */
  constructor(told, open) {
    this.told = told;
    this.open = open;
    this.waiting = new Map();
    this.next = 1;
    this.pause = FIRST_WAIT;
    this.connect();
  }

  connect() {
    const here = new URL("socket", location.href);
    here.protocol = "ws:";
    here.hash = "";
    here.search = location.hash.slice(1);
    const socket = new WebSocket(here);
    this.socket = socket;
    socket.addEventListener("message", (event) => this.received(JSON.parse(event.data)));
    socket.addEventListener("close", () => socket === this.socket && this.lost());
  }

  received(told) {
    this.pause = FIRST_WAIT;
    if (told.kind === "answer") {
      this.waiting.get(told.to)?.(told);
      this.waiting.delete(told.to);
      return;
    }
    if (told.kind === "state") {
      this.number = told.number;
      this.open(true);
    } else if (told.number !== ++this.number) {
      this.again(); // something was missed: the whole state comes with a new connection
      return;
    }
    this.told(told);
  }

  lost() {
    this.open(false);
    for (const answer of this.waiting.values()) answer({ problem: "The connection to the playground was lost." });
    this.waiting.clear();
    setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_WAIT);
  }

  /** Connect anew, for instance as somebody else. */
  again() {
    const old = this.socket;
    this.socket = null;
    old.close();
    for (const answer of this.waiting.values()) answer({});
    this.waiting.clear();
    this.connect();
  }

  /** Ask for something; the answer may hold a `problem`, a `form` or `choices`. */
  ask(action) {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return Promise.resolve({ problem: "The playground is not there. Is it still running?" });
    }
    const id = this.next++;
    return new Promise((answer) => {
      this.waiting.set(id, answer);
      this.socket.send(JSON.stringify({ ...action, id }));
    });
  }
}
