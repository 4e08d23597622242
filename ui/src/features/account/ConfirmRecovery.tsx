import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { DoorFrame, useSetStatus, useStatus } from "../../app";
import { useSend } from "../../backend";
import { Button, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { Refused } from "./parts";
import { forgetShown, keepShown, useShownCode } from "./recovery";

/**
 * The recovery code, shown once, put on paper and typed back. While it is typed the code is not on the screen:
 * otherwise only the screen would have been copied and nobody would know whether the paper can be read.
 */
export function ConfirmRecovery() {
  const shown = useShownCode();
  const [chosen, setStep] = useState<"show" | "type" | null>(null);
  const step = chosen ?? (shown ? "show" : "type");
  return (
    <DoorFrame>
      {step === "show" && shown
        ? <ShowCode code={shown.code} facility={shown.facility} onNext={() => setStep("type")} />
        : <TypeBack command="setup.confirm" canShow={!!shown} onShow={() => setStep("show")} renew={shown ? undefined : <RenewCode onMade={() => setStep("show")} />} />}
    </DoorFrame>
  );
}

/** A new code for an interrupted set-up whose first code nobody can show again. */
function RenewCode({ onMade }: { onMade(): void }) {
  const { facility } = useStatus();
  const send = useSend("recovery.renew", { onDone: (made) => { keepShown(made.recoveryCode, facility?.name ?? ""); onMade(); } });
  return (
    <div className="grid justify-items-start gap-2 border-t border-line pt-4">
      <p className="text-ink-2">{m.account_renew_lost()}</p>
      {send.error && <Refused error={send.error} />}
      <Button icon="key" pending={send.isPending} onPress={() => send.mutate({})}>{m.account_renew_button()}</Button>
    </div>
  );
}

/** In the administration: a new code when the paper is lost. The old one stands until the new one is typed back. */
export function RecoverySection() {
  const { facility } = useStatus();
  const [code, setCode] = useState<string | null>(null);
  const [step, setStep] = useState<"show" | "type" | "done">("show");
  const send = useSend("recovery.renew", { onDone: (made) => { setCode(made.recoveryCode); setStep("show"); } });
  return (
    <section>
      <SectionHead title={m.account_renew_title()} />
      <div className="grid max-w-[620px] justify-items-start gap-3 p-4">
        <p className="text-ink-2">{m.account_renew_text()}</p>
        {facility?.training
          ? <Button icon="key" notNow={m.error_not_in_training()}>{m.account_renew_button()}</Button>
          : code === null && <Button icon="key" pending={send.isPending} onPress={() => send.mutate({})}>{m.account_renew_button()}</Button>}
        <div role="status">{step === "done" && <Status kind="good" wrap>{m.account_renew_done()}</Status>}</div>
        {send.error && <Refused error={send.error} />}
        {code !== null && step === "show" && <ShowCode code={code} facility={facility?.name ?? ""} onNext={() => setStep("type")} />}
        {code !== null && step === "type" && <TypeBack command="recovery.confirm" canShow onShow={() => setStep("show")} onDone={() => { setCode(null); setStep("done"); }} />}
      </div>
    </section>
  );
}

function ShowCode({ code, facility, onNext }: { code: string; facility: string; onNext(): void }) {
  return (
    <section className="hs-paper-sheet grid gap-4 rounded-md border border-line-2 bg-surface p-6 print:border-0">
      <h1 className="m-0 text-xl"><span className="print:hidden">{m.account_code_title()}</span><span className="hidden print:inline">{m.account_code_sheet()}</span></h1>
      <p className="text-ink-2 print:hidden">{m.account_code_text()}</p>
      <p className="hidden print:block">{m.account_code_sheet_for({ facility })}</p>
      <div role="group" aria-label={m.account_code_label()} className="border border-paper-ink bg-paper px-4 py-5 text-center text-paper-ink">
        <span className="font-mono text-xl font-strong [direction:ltr] [overflow-wrap:anywhere] [unicode-bidi:isolate]" data-testid="recovery-code">{code}</span>
      </div>
      <div className="flex flex-wrap gap-2 print:hidden">
        <Button size="lg" icon="print" autoFocus onPress={() => window.print()}>{m.account_code_print()}</Button>
        <Button size="lg" variant="primary" onPress={onNext}>{m.account_code_on_paper()}</Button>
      </div>
    </section>
  );
}

function TypeBack({ command, canShow, onShow, onDone, renew }: { command: "setup.confirm" | "recovery.confirm"; canShow: boolean; onShow(): void; onDone?(): void; renew?: ReactNode }) {
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const setStatus = useSetStatus();
  const send = useSend(command, { onDone: (status) => { forgetShown(); onDone?.(); setStatus(status); } });
  const focus = () => form.current?.querySelector<HTMLInputElement>("input")?.focus();

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!code.trim()) { focus(); return; }
    send.mutate({ code: code.trim() }, { onError: focus });
  }
  return (
    <form ref={form} onSubmit={submit} noValidate className="grid gap-4 rounded-md border border-line-2 bg-surface p-6">
      <h1 className="m-0 text-xl">{m.account_retype_title()}</h1>
      <p className="text-ink-2">{canShow ? m.account_retype_text() : m.account_retype_gone()}</p>
      <TextField label={m.account_code_label()} hint={m.account_retype_hint()} mono size="lg" autoFocus autoComplete="off" value={code} onChange={(v) => { setCode(v); if (send.error) send.reset(); }} error={tried && !code.trim() ? m.account_retype_need() : undefined} />
      {send.error && <Refused error={send.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{command === "setup.confirm" ? m.account_retype_button() : m.account_retype_check()}</Button>
        {canShow && <Button size="lg" onPress={onShow}>{m.account_retype_show()}</Button>}
      </div>
      {renew}
    </form>
  );
}
