import type { Code, CommandError as WireError, Commands, ErrorKind, PickedFile } from "../wire";

export interface Topics {
  /** Something in the store is different; what is on the screen may be old. */
  changed: unknown;
  /** Files were dropped on the window; the handles are read by `study.import`. */
  dropped: PickedFile[];
  /** Somebody works in another window of the program: none of them is left alone. */
  touched: unknown;
}

/**
 * All the page knows of what is behind it. Two adapters exist: the desktop program and the dev-host over
 * localhost. Features use the hooks of `useCommand.ts` and never an adapter.
 */
export interface Backend {
  readonly kind: "desktop" | "browser";
  /** Rejects with a `CommandFailed`. */
  call<K extends keyof Commands>(name: K, req: Commands[K]["req"]): Promise<Commands[K]["res"]>;
  /** Raw pixels of one frame as `ImageView` describes them. */
  frame(instance: string, index: number): Promise<ArrayBuffer>;
  on<T extends keyof Topics>(topic: T, listener: (payload: Topics[T]) => void): () => void;
  /** Opens the file dialog; empty when nothing was chosen. Paths never reach the page, only handles. */
  pickFiles(): Promise<PickedFile[]>;
  /** Opens the folder dialog. The desktop gives one handle for the folder, a browser one for every file in it; empty when nothing was chosen. */
  pickFolder(): Promise<PickedFile[]>;
  /** Asks where a backup goes; null when nothing was chosen. A browser has no such dialog. */
  pickBackupPlace?(title: string, name: string): Promise<string | null>;
  /** Asks for a folder that is there; null when none was chosen. A browser has no such dialog. */
  pickExportPlace?(title: string): Promise<string | null>;
  /**
   * Shows one study in a window of its own, on the other screen where there is one; answers whether there was one, or
   * null where nobody can tell. Rejects with a `CommandFailed`.
   */
  openViewer(study: string): Promise<boolean | null>;
  /** Closes this window if it is such a viewer; the first window stays. */
  closeViewer(): void;
  /** Tells the other windows that somebody is here. */
  touch(): void;
}

/** A refusal (somebody can act on it) or a fault (something is broken, with an incident number). */
export class CommandFailed extends Error implements WireError {
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly args: { [key in string]: string };
  readonly rules: Code[];
  readonly incident: string | null;

  constructor(error: Partial<WireError>) {
    super(error.code ?? "internal");
    this.name = "CommandFailed";
    this.code = error.code ?? "internal";
    this.kind = error.kind ?? "fault";
    this.args = error.args ?? {};
    this.rules = error.rules ?? [];
    this.incident = error.incident ?? null;
  }

  /** From whatever an adapter caught; anything unknown is a fault, never swallowed. */
  static from(cause: unknown): CommandFailed {
    if (cause instanceof CommandFailed) return cause;
    if (typeof cause === "object" && cause !== null && "code" in cause && "kind" in cause) return new CommandFailed(cause as Partial<WireError>);
    const failed = new CommandFailed({ code: "internal", kind: "fault", args: { detail: cause instanceof Error ? cause.message : String(cause) } });
    failed.cause = cause;
    return failed;
  }
}
