import { useState } from "react";
import { useMay } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, componentName, formatNumber } from "../../clinical";
import { Bar, Button, DataGrid, Failed, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { PolicyBook, PolicyValue, PolicyVersionRow, StockTarget } from "../../wire";
import { Electronic } from "./Electronic";
import { accountSentence } from "./refusals";
import { RuleBook } from "./RuleBook";
import { boundsWords, ruleWords, valueWords } from "./ruleWords";
import { NextRules } from "./RulesNext";
import { SettingsFrame } from "./SettingsFrame";
import { profileWord } from "./words";

/** The rules the blood bank decides by: what holds now, where each value comes from, and every version before. */
export function RulesPage() {
  const book = useCommand("policy.show", {});
  const may = useMay();
  const [writing, setWriting] = useState(false);
  const [said, setSaid] = useState("");
  const shown = book.data;
  return (
    <SettingsFrame at="rules">
      <SectionHead
        title={m.account_rules_title()}
        note={shown && m.account_rules_note({ profile: profileWord(shown.profile), version: formatNumber(shown.version) })}
        actions={shown && !writing && may("adopt_policy") && <Button variant="primary" onPress={() => { setSaid(""); setWriting(true); }}>{m.account_rules_write()}</Button>}
      />
      <div role="status" className="px-4 empty:hidden">{said && <p className="py-2"><Status kind="good" wrap>{said}</Status></p>}</div>
      {book.isPending && <div className="p-4"><Loading label={m.account_loading()} lines={6} /></div>}
      {book.error && <div className="p-4"><Failed title={m.account_rules_failed()} action={<Button onPress={() => void book.refetch()}>{m.account_try_again()}</Button>}>{accountSentence(book.error).what}</Failed></div>}
      {shown && writing && (
        <NextRules
          book={shown}
          onClose={() => setWriting(false)}
          onReread={async () => (await book.refetch()).data}
          onDone={(version) => { setWriting(false); setSaid(m.account_rules_adopted({ version: formatNumber(version) })); void book.refetch(); }}
        />
      )}
      {shown && !writing && <Book book={shown} />}
    </SettingsFrame>
  );
}

function Book({ book }: { book: PolicyBook }) {
  const open = book.values.filter((v) => !v.confirmed).length;
  const coming = book.newest.version === book.version ? undefined : book.versions.find((v) => v.version === book.newest.version);
  return (
    <>
      <p className="hs-meta px-4 py-2">{m.account_rules_since_by({ author: book.versions.find((v) => v.inForce)?.author ?? "" })} <ClinicalTime value={book.versions.find((v) => v.inForce)?.effectiveAt ?? null} always="date-time" /></p>
      {coming && <Bar kind="notice">{m.account_rules_coming({ version: formatNumber(coming.version) })} <ClinicalTime value={coming.effectiveAt} always="date-time" /></Bar>}
      {open > 0 && <Bar kind="caution">{m.account_rules_open({ open, count: book.values.length })}</Bar>}
      <DataGrid
        label={m.account_rules_values()}
        rows={book.values}
        rowKey={(v) => v.name}
        rowText={(v) => ruleWords(v.name)}
        columns={[
          { id: "rule", title: m.account_rules_rule(), isRowHeader: true, cell: (v: PolicyValue) => <span className="font-strong [overflow-wrap:anywhere]">{ruleWords(v.name)}</span> },
          { id: "value", title: m.account_rules_value(), align: "end", cell: (v) => (v.name === "stock" ? m.account_rules_rows({ count: book.stock.length }) : valueWords(v.name, v.value)) },
          { id: "bounds", title: m.account_rules_bounds(), cell: (v) => <span className="text-ink-2">{boundsWords(v)}</span> },
          { id: "source", title: m.account_rules_source(), cell: (v) => <bdi className="[overflow-wrap:anywhere]">{v.source}</bdi> },
          { id: "from", title: m.account_rules_from(), cell: (v) => <ClinicalDate value={v.effectiveFrom} /> },
          { id: "state", title: m.account_rules_state(), cell: (v) => (v.confirmed ? <Status kind="good">{m.account_rules_confirmed()}</Status> : <Status kind="caution">{m.account_rules_unconfirmed()}</Status>) },
        ]}
      />
      <Electronic view={book.electronic} />
      <RuleBook book={book} />
      <SectionHead title={m.account_rules_stock()} note={m.account_rules_stock_text()} />
      <DataGrid
        label={m.account_rules_stock()}
        rows={book.stock}
        rowKey={cell}
        density="compact"
        columns={[
          { id: "component", title: m.account_rules_component(), isRowHeader: true, cell: (s: StockTarget) => componentName(s.component) },
          { id: "group", title: m.account_rules_group(), cell: (s) => <BloodGroup group={s.group} size="sm" /> },
          { id: "floor", title: m.account_rules_floor(), align: "end", cell: (s) => formatNumber(s.floor) },
          { id: "target", title: m.account_rules_target(), align: "end", cell: (s) => formatNumber(s.target) },
        ]}
        empty={m.account_rules_stock_none()}
      />
      <SectionHead title={m.account_rules_versions()} note={m.account_rules_versions_text()} />
      <DataGrid
        label={m.account_rules_versions()}
        rows={book.versions}
        rowKey={(v) => `${v.profile} ${v.version}`}
        columns={[
          { id: "version", title: m.account_rules_version(), isRowHeader: true, align: "end", cell: (v: PolicyVersionRow) => formatNumber(v.version) },
          { id: "state", title: m.account_rules_state(), cell: (v) => <VersionState row={v} now={book.version} /> },
          { id: "from", title: m.account_rules_effective(), cell: (v) => <ClinicalTime value={v.effectiveAt} always="date-time" /> },
          { id: "by", title: m.account_rules_author(), cell: (v) => <bdi className="[overflow-wrap:anywhere]">{v.author}</bdi> },
          { id: "why", title: m.account_rules_reason(), cell: (v) => <bdi className="[overflow-wrap:anywhere]">{v.reason}</bdi> },
          { id: "hash", title: m.account_rules_hash(), cell: (v) => <Fingerprint hash={v.hash} /> },
        ]}
      />
    </>
  );
}

function VersionState({ row, now }: { row: PolicyVersionRow; now: number }) {
  const urgent = row.urgent ? ` · ${m.account_rules_urgent_short()}` : "";
  if (row.inForce) return <Status kind="good" wrap>{m.account_rules_in_force()}{urgent}</Status>;
  if (row.version > now) return <Status kind="notice" wrap>{m.account_rules_not_yet()}{urgent}</Status>;
  return <Status kind="inactive" wrap>{m.account_rules_past()}{urgent}</Status>;
}

/** Eight signs tell two versions apart; copying gives all of them. */
function Fingerprint({ hash }: { hash: string }) {
  return (
    <span className="hs-mono" title={hash} onCopy={(e) => { e.clipboardData.setData("text/plain", hash); e.preventDefault(); }}>
      {hash.slice(0, 8)}<span className="hs-vh">{hash.slice(8)}</span>
    </span>
  );
}

export const cell = (s: StockTarget) => `${s.component} ${s.group.abo} ${s.group.rhd}`;
