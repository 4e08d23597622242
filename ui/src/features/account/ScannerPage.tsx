import { useEffect, useRef, useState } from "react";
import { disagreement, type Disagreement, isAwkwardPrefix, layoutName, type LayoutName, measure, type Measured, type MeasureRefusal, type Press, pressedAt, readLayout, testText, toSettings, useScannerRest } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, Code128, Quantity } from "../../clinical";
import { Bar, Button, Failed, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Scanner } from "../../wire";
import { Facts, Refused } from "./parts";
import { accountSentence } from "./refusals";
import { SettingsFrame } from "./SettingsFrame";

const times = 3;
/** Longer than any pause a scanner makes; then what came is looked at. */
const over = 600;

const refusals: Record<MeasureRefusal, () => string> = {
  too_short: m.account_scanner_too_short,
  not_the_label: m.account_scanner_not_label,
  layout_ambiguous: m.account_scanner_ambiguous,
};
const differs: Record<Disagreement, () => string> = {
  prefix: m.account_scanner_differs_prefix,
  suffix: m.account_scanner_differs_suffix,
  layout: m.account_scanner_differs_layout,
};
const layouts: Record<LayoutName, () => string> = {
  same: m.account_scanner_layout_same,
  qwertz: m.account_scanner_layout_qwertz,
  azerty: m.account_scanner_layout_azerty,
  caps: m.account_scanner_layout_caps,
  other: m.account_scanner_layout_other,
};

/** How this workstation's scanner types: measured by scanning one label three times, never guessed. */
export function ScannerPage() {
  const scanner = useCommand("scanner.get", {});
  const [measuring, setMeasuring] = useState(false);
  return (
    <SettingsFrame at="scanner">
      <SectionHead title={m.account_scanner_title()} />
      {scanner.isPending && <div className="p-4"><Loading label={m.account_loading()} lines={4} /></div>}
      {scanner.error && <div className="p-4"><Failed title={m.account_scanner_failed()} action={<Button onPress={() => void scanner.refetch()}>{m.account_try_again()}</Button>}>{accountSentence(scanner.error).what}</Failed></div>}
      {scanner.data && (
        <>
          {scanner.data.measuredAt === null && !measuring && <Bar kind="notice">{m.account_scanner_never()}</Bar>}
          <div className="grid max-w-[760px] gap-4 p-4">
            <p className="max-w-[72ch] text-ink-2">{m.account_scanner_text()}</p>
            <ScannerFacts scanner={scanner.data} />
            {measuring
              ? <Measuring onDone={() => setMeasuring(false)} />
              : <div><Button variant="primary" size="lg" icon="scan" onPress={() => setMeasuring(true)}>{scanner.data.measuredAt ? m.account_scanner_again() : m.account_scanner_measure()}</Button></div>}
          </div>
        </>
      )}
    </SettingsFrame>
  );
}

function affixWord(text: string): string {
  return text === "" ? m.account_scanner_none() : text;
}

function ScannerFacts({ scanner }: { scanner: Pick<Scanner, "prefix" | "suffix" | "gapMs" | "layout"> & { measuredAt?: string | null } }) {
  return (
    <Facts items={[
      ...(scanner.measuredAt ? [{ label: m.account_scanner_measured_at(), value: <ClinicalTime value={scanner.measuredAt} always="date-time" /> }] : []),
      { label: m.account_scanner_prefix(), value: scanner.prefix === "" ? m.account_scanner_none() : <span className="hs-mono">{affixWord(scanner.prefix)}</span> },
      { label: m.account_scanner_suffix(), value: scanner.suffix === "" ? m.account_scanner_suffix_default() : <span className="hs-mono">{affixWord(scanner.suffix)}</span> },
      { label: m.account_scanner_gap(), value: <Quantity value={scanner.gapMs} unit="ms" /> },
      { label: m.account_scanner_layout(), value: layouts[layoutName(readLayout(scanner.layout))]() },
    ]} />
  );
}

/** Takes every key while it stands: what a scanner sends must reach no field, no button and no shortcut. */
function Measuring({ onDone }: { onDone(): void }) {
  const [readings, setReadings] = useState<Measured[]>([]);
  const [wrong, setWrong] = useState<string | null>(null);
  const send = useSend("scanner.set", { onDone });
  const ready = readings.length >= times;
  const place = useRef<HTMLElement>(null);
  useScannerRest(!ready);
  useEffect(() => place.current?.focus(), []);

  useEffect(() => {
    if (ready) return;
    let presses: Press[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    function finish() {
      const burst = presses;
      presses = [];
      // A person's single keys are no scan and are not spoken about.
      if (burst.length < 4) return;
      const read = measure(burst);
      if (typeof read === "string") { setWrong(refusals[read]()); return; }
      setWrong(null);
      setReadings((old) => {
        const next = [...old, read];
        const odd = disagreement(next);
        if (!odd) return next;
        setWrong(differs[odd]());
        return [];
      });
    }
    function down(e: KeyboardEvent) {
      const now = pressedAt(e);
      const quick = presses.length > 0 && now - (presses.at(-1)?.at ?? 0) < over;
      // Escape, Tab and Enter of a person, who does not press them within a burst, keep their meaning.
      const own = ["Tab", "Escape", "Enter", " "].includes(e.key) && !quick;
      if (own || e.ctrlKey || e.metaKey || e.altKey || e.key.startsWith("F") && e.key.length > 1) return;
      if (e.key === "Shift" || e.key === "CapsLock" || e.key === "AltGraph") return;
      e.preventDefault();
      e.stopImmediatePropagation();
      presses.push({ key: e.key, at: now });
      clearTimeout(timer);
      timer = setTimeout(finish, over);
    }
    window.addEventListener("keydown", down, true);
    return () => { clearTimeout(timer); window.removeEventListener("keydown", down, true); };
  }, [ready]);

  const settings = toSettings(readings);
  const awkward = ready && isAwkwardPrefix(settings.prefix);
  return (
    <section ref={place} tabIndex={-1} aria-label={m.account_scanner_measure()} className="grid gap-3 rounded-md border border-line-2 bg-sunken p-4 outline-none">
      {!ready && (
        <>
          <h3 className="m-0 text-lg">{m.account_scanner_scan_three()}</h3>
          <div className="max-w-full overflow-hidden border border-line-2 bg-paper p-3 text-paper-ink">
            <Code128 text={testText} label={m.account_scanner_label_name()} />
            <span className="hs-mono text-sm">{testText}</span>
          </div>
        </>
      )}
      <div role="status" className="grid gap-1">
        <b>{m.account_scanner_count({ count: Math.min(readings.length, times), times })}</b>
        {wrong && <Status kind="caution" wrap>{wrong}</Status>}
      </div>
      {ready && <ScannerFacts scanner={settings} />}
      {ready && settings.layout !== "" && <Bar kind="notice">{m.account_scanner_layout_note()}</Bar>}
      {awkward && <Bar kind="caution">{m.account_scanner_awkward({ prefix: settings.prefix })}</Bar>}
      {send.error && <Refused error={send.error} />}
      <div className="flex flex-wrap gap-2">
        {ready && <Button variant="primary" size="lg" autoFocus pending={send.isPending} notNow={awkward ? m.account_scanner_awkward_short() : undefined} onPress={() => send.mutate(settings)}>{m.account_scanner_keep()}</Button>}
        {ready && <Button size="lg" onPress={() => { setReadings([]); setWrong(null); send.reset(); }}>{m.account_scanner_again()}</Button>}
        <Button size="lg" variant="quiet" onPress={onDone}>{m.account_cancel()}</Button>
      </div>
    </section>
  );
}
