import { type FormEvent, useRef, useState } from "react";
import { DoorFrame, useSetStatus } from "../../app";
import { useSend } from "../../backend";
import { Button, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { Refused } from "./parts";
import { forgetShown, shownCode } from "./recovery";

/**
 * The recovery code, shown once, put on paper and typed back. While it is typed the code is not on the screen:
 * otherwise only the screen would have been copied and nobody would know whether the paper can be read.
 */
export function ConfirmRecovery() {
  const shown = shownCode();
  const [step, setStep] = useState<"show" | "type">(shown ? "show" : "type");
  return (
    <DoorFrame>
      {step === "show" && shown
        ? <ShowCode code={shown.code} facility={shown.facility} onNext={() => setStep("type")} />
        : <TypeBack canShow={!!shown} onShow={() => setStep("show")} />}
    </DoorFrame>
  );
}

function ShowCode({ code, facility, onNext }: { code: string; facility: string; onNext(): void }) {
  return (
    <section className="grid gap-4 rounded-md border border-line-2 bg-surface p-6 print:border-0">
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

function TypeBack({ canShow, onShow }: { canShow: boolean; onShow(): void }) {
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const setStatus = useSetStatus();
  const send = useSend("setup.confirm", { onDone: (status) => { forgetShown(); setStatus(status); } });
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
        <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.account_retype_button()}</Button>
        {canShow && <Button size="lg" onPress={onShow}>{m.account_retype_show()}</Button>}
      </div>
    </form>
  );
}
