import { type ReactNode, useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Age, ClinicalDate, DonationNumber, formatName, Identifier, NotKnown, sexWord } from "../../clinical";
import { Bar, Button, Chip, Dialog, Empty, Loading, PageHead, SearchField, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonorRow, DonorView, DoubleSign, DoublePair, DoubleStanding, DoubleView } from "../../wire";
import { DonationState, DonorGroup } from "./DonorDesk";
import { Ask } from "./dialogs";
import { Photo } from "./Photo";
import { isThere, nobody, Second, secondSent } from "./Second";
import { codeWord, endWords, kindWord, nextWhy, nextWords } from "./words";

const signs: Record<DoubleSign, () => string> = {
  same_paper: m.donor_sign_same_paper, same_finger: m.donor_sign_same_finger, same_phone: m.donor_sign_same_phone, same_birth_date: m.donor_sign_same_birth_date,
  near_birth_date: m.donor_sign_near_birth_date, same_name: m.donor_sign_same_name, alike_name: m.donor_sign_alike_name,
};
const nameOf = (row: DonorRow) => formatName({ ...row, title: null });
const at = (a: string, b: string) => `/donors/${a}/same/${b}`;

/** Pairs of records that may be of one person and that nobody has looked at. */
export function Doubles() {
  const found = useCommand("donor.doubles", {});
  const go = useGo();
  return (
    <>
      <PageHead title={m.donor_doubles()} actions={<Button icon="back" onPress={() => go("/donors")}>{m.donor_back()}</Button>} />
      <div className="min-h-0 grow overflow-auto">
        {found.isPending && <div className="p-4"><Loading label={m.donor_searching()} lines={4} /></div>}
        {found.error && <div className="p-4"><ErrorBlock error={found.error} title={m.donor_failed()} actions={<Button onPress={() => void found.refetch()}>{m.donor_try_again()}</Button>} /></div>}
        {found.data?.pairs.length === 0 && <div className="p-4"><Empty title={m.donor_doubles_none()}>{m.donor_doubles_none_text()}</Empty></div>}
        {found.data && found.data.pairs.length > 0 && (
          <>
            <p className="m-0 px-4 py-3 text-ink-2" role="status">{m.donor_found({ shown: found.data.pairs.length, total: found.data.total })}</p>
            <ul className="m-0 list-none border-t border-line p-0">
              {found.data.pairs.map((pair) => <Pair key={pair.donor.id + pair.other.id} pair={pair} onOpen={() => go(at(pair.donor.id, pair.other.id))} />)}
            </ul>
          </>
        )}
      </div>
    </>
  );
}

function Pair({ pair, onOpen }: { pair: DoublePair; onOpen(): void }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
      <div className="grid min-w-0 grow gap-1">
        {[pair.donor, pair.other].map((row) => (
          <span key={row.id} className="flex flex-wrap items-center gap-x-3"><bdi className="font-strong">{nameOf(row)}</bdi><Identifier>{row.number}</Identifier><ClinicalDate value={row.birthDate} /></span>
        ))}
        <span className="flex flex-wrap gap-x-3 gap-y-1 text-ink-2">
          {pair.signs.map((sign) => <span key={sign}>{signs[sign]()}</span>)}
        </span>
        <span className="flex flex-wrap gap-2">
          {pair.deferred && <Status kind="critical">{m.donor_doubles_deferred()}</Status>}
          {pair.waiting > 0 && <Status kind="caution">{m.donor_doubles_waiting({ count: pair.waiting })}</Status>}
        </span>
      </div>
      <Button onPress={onOpen}>{m.donor_doubles_compare()}</Button>
    </li>
  );
}

/** Two records side by side; a person says whether they are one, and nothing of either is lost. */
export function Double() {
  const { id = "", other = "" } = useScreenParams();
  const view = useCommand("donor.double", { donor: id, other }, { enabled: id !== "" && other !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.donor_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.donor_failed_one()} actions={<Button onPress={() => go("/donors/doubles")}>{m.donor_doubles()}</Button>} /></div>;
  return <Compared key={id + other} view={view.data} />;
}

const bars: Record<DoubleStanding, [kind: "caution" | "notice", words: () => string]> = {
  open: ["caution", m.donor_same_open], same_person: ["notice", m.donor_same_is], two_people: ["notice", m.donor_same_two], not_proposed: ["notice", m.donor_same_not_proposed],
};

function Compared({ view }: { view: DoubleView }) {
  const may = useMay();
  const go = useGo();
  const [ask, setAsk] = useState<"same" | "two" | null>(null);
  const [kind, words] = bars[view.standing];
  const both = [view.donor, view.other] as const;
  return (
    <>
      <PageHead
        title={m.donor_same_title()}
        actions={
          <>
            <Button icon="back" onPress={() => go("/donors/doubles")}>{m.donor_doubles()}</Button>
            {may("screen_donors") && view.standing !== "two_people" && <Button onPress={() => setAsk("two")}>{m.donor_same_two_act()}</Button>}
            {may("screen_donors") && view.standing !== "same_person" && <Button variant="primary" onPress={() => setAsk("same")}>{m.donor_same_act()}</Button>}
          </>
        }
      />
      <div className="min-h-0 grow overflow-auto">
        <Bar kind={kind}><b>{words()}</b> {view.signs.length > 0 && `${m.donor_same_signs()} ${view.signs.map((sign) => signs[sign]()).join(" · ")}`}</Bar>
        <Side both={both} />
        <SectionHead title={m.donor_same_waiting()} note={String(view.waiting.length)} />
        {view.waiting.length === 0 ? <p className="p-4 text-ink-2">{m.donor_same_waiting_none()}</p> : (
          <ul className="m-0 list-none p-0">
            {view.waiting.map((d) => <li key={d.id} className="flex flex-wrap items-center gap-x-3 border-b border-line px-4 py-2"><DonationNumber din={d.din} check={d.check} /><bdi>{d.donorName}</bdi><DonationState donation={d} /></li>)}
          </ul>
        )}
      </div>
      {ask && <SettleDialog view={view} same={ask === "same"} onClose={() => setAsk(null)} />}
    </>
  );
}

type Line = [name: string, cell: (donor: DonorView) => ReactNode, plain?: (donor: DonorView) => string | null];

/** What both say, line by line; where they differ a word says so, not a colour. */
function Side({ both }: { both: readonly [DonorView, DonorView] }) {
  const open = <NotKnown>{m.design_not_recorded()}</NotKnown>;
  const list = (items: ReactNode[], none: string) => (items.length === 0 ? <span className="text-ink-2">{none}</span> : <ul className="m-0 grid list-none gap-1 p-0">{items.map((item, n) => <li key={n}>{item}</li>)}</ul>);
  const lines: Line[] = [
    [m.donor_photo(), ({ row, photo }) => <Photo row={row} photo={photo} />],
    [m.donor_born(), ({ row }) => (row.birthDate ? <><ClinicalDate value={row.birthDate} /> <Age birthDate={row.birthDate} /></> : open), ({ row }) => row.birthDate],
    [m.donor_sex(), ({ row }) => (row.sex === "not_known" ? <NotKnown /> : sexWord(row.sex)), ({ row }) => (row.sex === "not_known" ? null : row.sex)],
    [m.donor_col_group(), ({ row }) => <DonorGroup group={row.group} />, ({ row }) => (row.group.state === "once" || row.group.state === "confirmed" ? `${row.group.group.abo} ${row.group.group.rhd}` : null)],
    [m.donor_phone(), ({ phone }) => (phone ? <bdi dir="ltr">{phone}</bdi> : open), ({ phone }) => phone?.replace(/\D/g, "") ?? null],
    [m.donor_area(), ({ area }) => area ?? open, ({ area }) => area],
    [m.donor_paper(), ({ paper }) => (paper ? <Identifier>{paper}</Identifier> : open), ({ paper }) => paper],
    [m.donor_next(), (donor) => list(donor.next.map((n) => <>{kindWord(n.kind)}: {nextWords(n, donor.today)}{nextWhy(n) && <span className="text-ink-2"> · {nextWhy(n)}</span>}</>), "")],
    [m.donor_deferrals(), (donor) => list(donor.deferrals.map((d) => <>{d.code ? codeWord(d.code) : m.donor_deferred()} {endWords(d.ends)} {!d.holds && <Chip kind="inactive">{m.donor_deferral_past()}</Chip>}</>), m.donor_deferrals_none())],
    [m.donor_donations(), (donor) => list([
      ...donor.donations.map((d) => <><DonationNumber din={d.din} check={d.check} /> <ClinicalDate value={d.begunAt} /> {kindWord(d.kind)}</>),
      ...donor.elsewhere.map((e) => <>{m.donor_elsewhere()} <ClinicalDate value={e.on} /> {kindWord(e.kind)} · {e.place}</>),
    ], m.donor_donations_none())],
  ];
  return (
    <table className="w-full table-fixed border-collapse [&_td]:border-b [&_td]:border-line [&_td]:p-2 [&_td]:align-top [&_th]:border-b [&_th]:border-line [&_th]:p-2 [&_th]:text-start [&_th]:align-top [&_td:last-child]:pe-4 [&_th:first-child]:ps-4">
      <caption className="sr-only">{m.donor_same_title()}</caption>
      <thead>
        <tr>
          <th scope="col" className="w-[200px]">{m.donor_same_what()}</th>
          {both.map(({ row }) => <th key={row.id} scope="col"><AppLink to={`/donors/${row.id}`} className="hs-link"><bdi className="text-lg font-strong [overflow-wrap:anywhere]">{nameOf(row)}</bdi></AppLink> <Identifier>{row.number}</Identifier></th>)}
        </tr>
      </thead>
      <tbody>
        {lines.map(([name, cell, plain]) => {
          const [a, b] = [plain?.(both[0]) ?? null, plain?.(both[1]) ?? null];
          return (
            <tr key={name}>
              <th scope="row" className="font-normal text-ink-2">{name}{a !== null && b !== null && a !== b && <> <Chip kind="caution">{m.donor_same_differs()}</Chip></>}</th>
              {both.map((donor) => <td key={donor.row.id} className="[overflow-wrap:anywhere]">{cell(donor)}</td>)}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function SettleDialog({ view, same, onClose }: { view: DoubleView; same: boolean; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("donor.settle", { onDone: onClose });
  // A donation that goes on leaves its hold, and a hold is lifted by two, whatever policy says of this.
  const two = view.people > 1 || view.waiting.length > 0;
  const ready = reason.trim() !== "" && (!two || isThere(second));
  return (
    <Ask
      title={same ? m.donor_same_act() : m.donor_same_two_act()}
      act={same ? m.donor_same_act() : m.donor_same_two_act()}
      error={send.error}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (ready) send.mutate({ donor: view.donor.row.id, other: view.other.row.id, same, reason: reason.trim(), second: two ? secondSent(second) : null }); }}
    >
      <p><bdi className="font-strong">{nameOf(view.donor.row)}</bdi> <Identifier>{view.donor.row.number}</Identifier> · <bdi className="font-strong">{nameOf(view.other.row)}</bdi> <Identifier>{view.other.row.number}</Identifier></p>
      <p className="text-ink-2">{same ? m.donor_same_text() : m.donor_same_two_text()}</p>
      <TextField label={m.donor_same_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.donor_duplicate_need() : undefined} autoFocus />
      {two && <Second value={second} onChange={setSecond} tried={tried} />}
    </Ask>
  );
}

/** Nobody proposed it, but somebody knows: another record is looked for and put beside this one. */
export function CompareDialog({ donor, onClose }: { donor: DonorRow; onClose(): void }) {
  const [text, setText] = useState(donor.family);
  const go = useGo();
  const asked = text.trim();
  const found = useCommand("donor.search", { text: asked, limit: 20 }, { enabled: asked !== "", keepPrevious: true });
  const rows = asked ? (found.data?.rows ?? []).filter((row) => row.id !== donor.id) : [];
  return (
    <Dialog isOpen onClose={onClose} title={m.donor_compare_title()} footer={<Button onPress={onClose}>{m.donor_cancel()}</Button>}>
      <div className="grid gap-3">
        <SearchField label={m.donor_search()} placeholder={m.donor_search_hint()} value={text} onChange={setText} autoFocus />
        {found.error && <ErrorBlock error={found.error} />}
        <p role="status" className="text-ink-2">{found.data && rows.length === 0 ? m.donor_compare_none() : ""}</p>
        <ul className="m-0 grid list-none gap-1 p-0">
          {rows.map((row) => <li key={row.id}><Button onPress={() => { onClose(); go(at(donor.id, row.id)); }}><bdi className="font-strong">{nameOf(row)}</bdi> <Identifier>{row.number}</Identifier> <ClinicalDate value={row.birthDate} /></Button></li>)}
        </ul>
      </div>
    </Dialog>
  );
}
