import type { ReactNode } from "react";
import { Mark } from "../design";
import * as m from "../paraglide/messages";
import { LanguageChoice } from "./LanguageChoice";
import { useStatus } from "./status";

/** The quiet whole-window page that every door uses: sign, name, language, version; nothing of any patient. */
export function DoorFrame({ children, wide }: { children: ReactNode; wide?: boolean }) {
  const { facility, version } = useStatus();
  return (
    <div className="hs-door flex h-full flex-col bg-canvas">
      {facility?.training && <TrainingStrip />}
      <header className="flex items-center gap-2 px-6 py-3">
        <span className="size-6 text-accent"><Mark /></span>
        <b className="text-lg">HealthSync</b>
        {facility && <span className="text-ink-2">{facility.name}</span>}
        <span className="ms-auto"><LanguageChoice /></span>
      </header>
      <main className="grid min-h-0 grow place-items-center overflow-auto p-6">
        <div className={`w-full ${wide ? "max-w-[960px]" : "max-w-[440px]"}`}>{children}</div>
      </main>
      <footer className="flex gap-4 px-6 py-2 text-sm text-ink-3">
        <span>{m.shell_version({ version })}</span>
        <span>{m.shell_this_computer_only()}</span>
      </footer>
    </div>
  );
}

/** Never leaves while practising, and has a colour nothing else has. */
export function TrainingStrip() {
  return <aside className="hs-training" aria-label={m.shell_training()}>{m.shell_training()} <span>{m.shell_training_note()}</span></aside>;
}
