import { useSend } from "../../backend";
import { formatNumber } from "../../clinical";
import { Button, DataGrid, Progress, SectionHead, Stats, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { ProofReport, ProofVerdict } from "../../wire";
import { Refused } from "./parts";
import { SettingsFrame } from "./SettingsFrame";

/** Whether anybody altered a byte: the verdict in words, what was counted, and what does not fit. */
export function ProofPage() {
  const send = useSend("proof.verify");
  return (
    <SettingsFrame at="proof">
      <SectionHead title={m.account_proof_title()} />
      <div className="grid gap-4 p-4">
        <p className="max-w-[64ch] text-ink-2">{m.account_proof_text()}</p>
        <div className="flex flex-wrap items-center gap-3">
          <Button variant="primary" size="lg" icon="shield" pending={send.isPending} onPress={() => send.mutate({})}>{m.account_proof_button()}</Button>
          <span className="hs-meta">{m.account_proof_cli()}</span>
        </div>
        <div role="status">{send.isPending && <div className="max-w-[420px]"><Progress label={m.account_proof_running()} /></div>}</div>
        {send.error && <div className="max-w-[620px]"><Refused error={send.error} /></div>}
      </div>
      {send.data && !send.isPending && <Report report={send.data} />}
    </SettingsFrame>
  );
}

export function verdictWords(verdict: ProofVerdict): { kind: StatusKind; title: string; text: string } {
  switch (verdict) {
    case "whole": return { kind: "good", title: m.account_proof_whole(), text: m.account_proof_whole_text() };
    case "tampered": return { kind: "critical", title: m.account_proof_tampered(), text: m.account_proof_tampered_text() };
    case "fork": return { kind: "critical", title: m.account_proof_fork(), text: m.account_proof_fork_text() };
    case "cannot_decide": return { kind: "caution", title: m.account_proof_cannot_decide(), text: m.account_proof_cannot_decide_text() };
  }
}

const noticed: Record<string, () => string> = {
  attempts_missing: m.account_noticed_attempts_missing,
  attempts_damaged: m.account_noticed_attempts_damaged,
  attempts_unsealed: m.account_noticed_attempts_unsealed,
  attempts_older: m.account_noticed_attempts_older,
  key_slots_older: m.account_noticed_key_slots_older,
  clock_confirmed: m.account_noticed_clock_confirmed,
  system_file: m.account_noticed_system_file,
};
const noticedWords = (what: string) => noticed[what]?.() ?? what.replaceAll("_", " ");

function Report({ report }: { report: ProofReport }) {
  const words = verdictWords(report.verdict);
  return (
    <div>
      <div role={report.verdict === "whole" ? "status" : "alert"} className="grid gap-1 border-y border-line px-4 py-3">
        <span className="text-lg"><Status kind={words.kind} wrap>{words.title}</Status></span>
        <p className="max-w-[64ch] text-ink-2">{words.text}</p>
        <span className="hs-meta">{m.account_proof_took({ milliseconds: formatNumber(report.milliseconds) })}</span>
      </div>
      <Stats items={[
        { label: m.account_proof_commands(), value: formatNumber(report.commands) },
        { label: m.account_proof_receipts(), value: formatNumber(report.receipts) },
        { label: m.account_proof_records(), value: formatNumber(report.records) },
        { label: m.account_proof_files(), value: formatNumber(report.files) },
      ]} />
      <div className="grid gap-1 border-t border-line px-4 py-3">
        <span className="text-sm text-ink-3">{m.account_proof_root()}</span>
        {/* The one identifier that is longer than any screen is wide: it breaks, so that nothing of it is hidden. */}
        <span className="font-mono [direction:ltr] [overflow-wrap:anywhere] [unicode-bidi:isolate]">{report.root.replace(/(.{8})(?=.)/g, "$1 ")}</span>
        <p className="max-w-[64ch] text-sm text-ink-2">{m.account_proof_root_text()}</p>
      </div>
      {report.noticed.length > 0 && (
        <>
          <SectionHead title={m.account_proof_noticed()} note={m.account_proof_noticed_text()} />
          <DataGrid
            label={m.account_proof_noticed()}
            rows={report.noticed.map((f, i) => ({ ...f, key: String(i) }))}
            rowKey={(f) => f.key}
            columns={[{ id: "what", title: m.account_proof_what(), isRowHeader: true, cell: (f) => <Status kind="caution" wrap>{noticedWords(f.what)}</Status> }]}
          />
        </>
      )}
      {report.findings.length > 0 && (
        <>
          <SectionHead title={m.account_proof_findings()} note={m.account_proof_findings_count({ count: report.findings.length })} />
          <DataGrid
            label={m.account_proof_findings()}
            rows={report.findings.map((f, i) => ({ ...f, key: String(i) }))}
            rowKey={(f) => f.key}
            columns={[
              { id: "what", title: m.account_proof_what(), isRowHeader: true, cell: (f) => (f.what === "and more" ? m.account_proof_more() : <span className="font-mono [direction:ltr] [overflow-wrap:anywhere]">{f.what}</span>) },
              { id: "detail", title: m.account_proof_detail_technical(), cell: (f) => <span className="[overflow-wrap:anywhere]">{f.detail}</span> },
            ]}
          />
        </>
      )}
    </div>
  );
}
