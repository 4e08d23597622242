import { type FormEvent, useState } from "react";
import { ErrorBlock, errorTone, errorWords, type Scan, useGo, useScanner } from "../../app";
import { CommandFailed, useBackend, useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, DonationNumber, groupDin } from "../../clinical";
import { Bar, Button, Chip, DataGrid, Empty, Loading, PageHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { LabRow, TypingState } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { partKind } from "../bloodbank/words";
import { BenchTabs } from "../donors/BenchTabs";
import { stateKind, typingWord } from "./words";

/** What is not through the laboratory, the oldest first. A scan opens its donation. */
export function LabBoard() {
  const board = useCommand("lab.board", {});
  const go = useGo();
  const backend = useBackend();
  const [typed, setTyped] = useState("");
  const [note, setNote] = useState<string | null>(null);
  const rows = board.data?.rows ?? [];
  useScanner((scan: Scan) => {
    const part = scan.parts.find((p) => p.kind === "donation_number");
    if (!part) {
      const [first] = scan.parts;
      setNote(first ? m.blood_wrong_kind({ was: partKind(first), wanted: m.lab_want() }) : m.shell_scan_unreadable());
      return "refused";
    }
    open(part.din);
    return "taken";
  });

  /** Also what is through the laboratory: a kit is recalled, a result was wrong. */
  function open(din: string) {
    setNote(null);
    const row = rows.find((r) => r.din === din);
    if (row) return go(`/lab/donation/${row.donation}`);
    backend.call("lab.find", { din }).then(
      ({ donation }) => { if (donation) go(`/lab/donation/${donation}`); else unknown(`${m.lab_scan_unknown()}: ${groupDin(din)}`); },
      (cause: unknown) => { const words = errorWords(CommandFailed.from(cause)); unknown(`${words.title}. ${words.doNow}`); },
    );
  }
  function unknown(words: string) { setNote(words); errorTone(); }
  function search(e: FormEvent) {
    e.preventDefault();
    const text = typed.trim();
    if (!text) return;
    backend.call("scan.read", { text, typed: true }).then(
      ({ parts }) => { const number = parts.find((p) => p.kind === "donation_number"); if (number) { open(number.din); setTyped(""); } else unknown(m.recall_number_wrong()); },
      (cause: unknown) => unknown(CommandFailed.from(cause).code === "check_character_wrong" ? m.blood_check_wrong() : m.recall_number_wrong()),
    );
  }
  return (
    <>
      <PageHead title={m.lab_title()} tabs={<BenchTabs />} actions={rows.length > 0 && <Button variant="primary" icon="plus" onPress={() => go("/lab/run")}>{m.lab_run()}</Button>} />
      <LeftOut count={board.data?.leftOut} />
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      <form className="flex max-w-[520px] items-start gap-2 px-4 py-2" noValidate onSubmit={search}>
        <div className="grow"><TextField name="number" mono label={m.lab_open_number()} hint={m.lab_open_hint()} value={typed} onChange={setTyped} autoComplete="off" /></div>
        <Button className="mt-5" type="submit">{m.lab_open_act()}</Button>
      </form>
      {board.isPending && <div className="p-4"><Loading label={m.lab_reading()} lines={5} /></div>}
      {board.error && <div className="p-4"><ErrorBlock error={board.error} title={m.lab_failed()} actions={<Button onPress={() => void board.refetch()}>{m.lab_try_again()}</Button>} /></div>}
      {board.data && rows.length === 0 && <div className="p-4"><Empty title={m.lab_todo_none()}>{m.lab_todo_none_text()}</Empty></div>}
      {rows.length > 0 && (
        <DataGrid
          label={m.lab_todo()}
          rows={rows}
          rowKey={(r) => r.donation}
          rowText={(r) => r.din}
          onAction={(id) => go(`/lab/donation/${id}`)}
          columns={[
            { id: "din", title: m.lab_col_din(), isRowHeader: true, cell: (r) => <span className="flex flex-wrap items-center gap-2"><DonationNumber din={r.din} check={r.check} />{r.held && <Chip kind="caution">{m.lab_held()}</Chip>}</span> },
            { id: "ended", title: m.lab_col_ended(), cell: (r) => <ClinicalTime value={r.endedAt} /> },
            { id: "parts", title: m.lab_col_parts(), cell: (r) => (r.parts === 0 ? m.lab_parts_none() : m.lab_parts_some({ count: r.parts, waiting: r.waiting })) },
            { id: "typing", title: m.lab_col_typing(), cell: (r) => <Typing typing={r.typing} /> },
            { id: "tests", title: m.lab_col_tests(), cell: (r) => <Tests row={r} /> },
          ]}
        />
      )}
    </>
  );
}

export function Typing({ typing }: { typing: TypingState }) {
  if (typing.state === "match" || typing.state === "resolved") return <BloodGroup group={typing.group} size="sm" />;
  const doubt = typing.state === "no_match" || typing.state === "indeterminate";
  return <Status kind={doubt ? "critical" : "caution"}>{typingWord(typing)}</Status>;
}

function Tests({ row }: { row: LabRow }) {
  const [worst] = row.open;
  if (!worst) return <Status kind="good">{m.lab_tests_done()}</Status>;
  return <Status kind={stateKind(worst.state)}>{m.lab_tests_open({ count: row.open.length })}</Status>;
}
