import type { PickedFile } from "../wire";
import { type Backend, CommandFailed, type Topics } from "./backend";

/** What the windows of one browser tell each other; the desktop program does this by its own events. */
const windows = "healthsync.windows";

/** The dev-host over localhost: the same commands as JSON, pictures as bytes, one event stream. */
export function httpBackend(base = ""): Backend {
  async function ask(path: string, init?: RequestInit): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(base + path, { credentials: "same-origin", ...init });
    } catch (cause) {
      // Unlike a fault that the host tells of: whether it had carried the command out, nobody knows.
      throw new CommandFailed({ code: "internal", kind: "fault", args: { detail: cause instanceof Error ? cause.message : String(cause), answered: "no" } });
    }
    if (answer.ok) return answer;
    // 409 refusal, 500 fault; the body is the error itself. Anything else is not from our host.
    const body: unknown = await answer.json().catch(() => null);
    throw CommandFailed.from(body ?? new Error(`HTTP ${answer.status}`));
  }

  async function upload(file: File): Promise<PickedFile> {
    const answer = await ask(`/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    return answer.json();
  }

  function choose(folder: boolean): Promise<PickedFile[]> {
    return new Promise((resolve, reject) => {
      const input = document.createElement("input");
      input.type = "file";
      input.multiple = true;
      input.webkitdirectory = folder;
      input.hidden = true;
      // In the page while the dialog is open: a folder's dialog does not come for one that stands nowhere.
      document.body.append(input);
      input.addEventListener("cancel", () => { input.remove(); resolve([]); });
      input.addEventListener("change", () => { input.remove(); void uploadAll([...(input.files ?? [])]).then(resolve, reject); });
      input.click();
    });
  }

  /** A few at a time: a folder may hold thousands. */
  async function uploadAll(files: File[]): Promise<PickedFile[]> {
    const sent: PickedFile[] = [];
    for (let i = 0; i < files.length; i += 8) sent.push(...(await Promise.all(files.slice(i, i + 8).map(upload))));
    return sent;
  }

  const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(windows);

  return {
    kind: "browser",
    async call(name, req) {
      // What a window says while it closes must not be dropped with its page.
      const answer = await ask(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(req), keepalive: name === "reading.here" });
      const text = await answer.text();
      // The door is of all windows: locked in one is locked in every one.
      if (name.startsWith("session.") || name.startsWith("setup.")) others?.postMessage("changed");
      return text === "" ? {} : JSON.parse(text);
    },
    async frame(instance, index) {
      return (await ask(`/frame/${encodeURIComponent(instance)}/${index}`)).arrayBuffer();
    },
    pickFiles: () => choose(false),
    pickFolder: () => choose(true),
    async openViewer(study) {
      // `noopener` would leave the new window without the right to close itself when the person changes.
      const opened = window.open(`${location.pathname}${location.search}#/viewer/${encodeURIComponent(study)}`, "_blank", "popup,width=1280,height=900");
      if (!opened) throw new CommandFailed({ code: "internal", kind: "fault", args: { detail: "the browser opened no window" } });
      return (window.screen as Screen & { isExtended?: boolean }).isExtended ?? null;
    },
    closeViewer: () => window.close(),
    touch: () => others?.postMessage("touched"),
    on<T extends keyof Topics>(topic: T, listener: (payload: Topics[T]) => void) {
      if (topic === "touched") return onMessage("touched", listener as () => void);
      return topic === "changed" ? onChanged(base, listener as () => void) : onDropped(upload, listener as (files: PickedFile[]) => void);
    },
  };
}

function onChanged(base: string, listener: (payload?: unknown) => void): () => void {
  const stream = new EventSource(`${base}/events`, { withCredentials: true });
  stream.addEventListener("changed", () => listener());
  stream.addEventListener("message", () => listener());
  // A host that was away may have missed telling something, and what failed meanwhile is asked again.
  let away = false;
  stream.addEventListener("error", () => { away = true; });
  stream.addEventListener("open", () => { if (away) listener(); away = false; });
  const forget = onMessage("changed", listener);
  return () => { stream.close(); forget(); };
}

function onMessage(what: string, listener: () => void): () => void {
  if (typeof BroadcastChannel === "undefined") return () => undefined;
  const channel = new BroadcastChannel(windows);
  channel.addEventListener("message", (e: MessageEvent<unknown>) => { if (e.data === what) listener(); });
  return () => channel.close();
}

function onDropped(upload: (file: File) => Promise<PickedFile>, listener: (files: PickedFile[]) => void): () => void {
  const over = (e: DragEvent) => e.preventDefault();
  const drop = (e: DragEvent) => {
    e.preventDefault();
    const files = [...(e.dataTransfer?.files ?? [])];
    // One file that cannot be sent must not hold back the others.
    void Promise.allSettled(files.map(upload)).then((sent) => {
      const arrived = sent.flatMap((s) => (s.status === "fulfilled" ? [s.value] : []));
      if (arrived.length > 0) listener(arrived);
    });
  };
  window.addEventListener("dragover", over);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragover", over);
    window.removeEventListener("drop", drop);
  };
}
