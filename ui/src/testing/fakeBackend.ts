import { type Backend, CommandFailed, type Topics } from "../backend";
import type { CommandError, Commands, PickedFile, Status } from "../wire";

type Answers = { [K in keyof Commands]?: Commands[K]["res"] | ((req: Commands[K]["req"]) => Commands[K]["res"] | Promise<Commands[K]["res"]>) };

/** A backend that has one window only. */
export const oneWindow: Pick<Backend, "openViewer" | "closeViewer" | "touch"> = { openViewer: async () => null, closeViewer: () => undefined, touch: () => undefined };

export interface FakeBackend extends Backend {
  calls: { name: string; req: unknown }[];
  emit<T extends keyof Topics>(topic: T, payload: Topics[T]): void;
  answers: Answers;
}

/** For tests only: answers from a table; a command without an answer fails like an unknown command. */
export function fakeBackend(answers: Answers, files: PickedFile[] = []): FakeBackend {
  const listeners: { topic: keyof Topics; listener: (payload: never) => void }[] = [];
  return {
    ...oneWindow,
    kind: "browser",
    calls: [],
    answers,
    async call(name, req) {
      this.calls.push({ name, req });
      const answer = this.answers[name] as unknown;
      if (answer === undefined) throw refused({ code: "unknown_command", kind: "fault" });
      return (typeof answer === "function" ? await answer(req) : answer) as never;
    },
    frame: async () => new ArrayBuffer(0),
    pickFiles: async () => files,
    pickFolder: async () => files,
    on(topic, listener) {
      const entry = { topic, listener: listener as (payload: never) => void };
      listeners.push(entry);
      return () => { listeners.splice(listeners.indexOf(entry), 1); };
    },
    emit(topic, payload) {
      for (const l of listeners) if (l.topic === topic) l.listener(payload as never);
    },
  };
}

export function refused(error: Partial<CommandError>): CommandFailed {
  return new CommandFailed({ kind: "refusal", ...error });
}

/** Somebody who may do everything, in a training facility. */
export function signedIn(over: Partial<Status> = {}): Status {
  return {
    door: "signed_in",
    problem: null,
    facility: { name: "Lakeside District Hospital", zone: "Africa/Nairobi", profile: "who", language: "en", training: true },
    session: {
      user: "okello",
      displayName: "OKELLO, Amina",
      role: "blood_bank_scientist",
      since: "2026-11-20T11:00:00Z",
      permissions: ["see_patients", "register_patients", "record_allergies", "record_blood_group", "see_stock", "receive_blood", "reserve_blood", "issue_blood", "discard_blood", "override_blood_warning", "be_second_person", "see_images", "import_images", "analyse_images", "judge_findings", "write_reports", "manage_staff", "manage_facility", "adopt_policy", "read_audit"],
    },
    users: [{ user: "okello", displayName: "OKELLO, Amina", role: "blood_bank_scientist" }],
    now: "2026-11-20T11:46:00Z",
    clockSuspect: false, clock: null,
    version: "0.1.0",
    lastBackup: null,
    idleMinutes: 5,
    ...over,
  };
}
