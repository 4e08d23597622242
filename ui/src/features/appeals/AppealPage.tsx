import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, componentName } from "../../clinical";
import { Bar, Button, Loading, NumberField, PageHead, RadioGroup, SectionHead, SidePanel, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AppealView, AreaRow, Figure } from "../../wire";
import { Ask, Fact, refusal } from "../requests/parts";
import { Groups } from "./AppealsPage";
import { Messages } from "./Messages";
import { Areas, reachOf } from "./NewAppeal";
import { channelWords, figureLines, stateKind, stateWords } from "./words";

/** One appeal: whom it asked, what they said, and what came of it with what it is a share of. */
export function AppealPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("appeal.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.appeals_reading()} lines={5} /></div>;
  if (!view.data) {
    return (
      <div className="max-w-[720px] p-4">
        <ErrorBlock error={view.error} title={m.appeals_failed()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.appeals_try_again()}</Button><Button onPress={() => go("/appeals")}>{m.appeals_back()}</Button></>} />
      </div>
    );
  }
  return <Appeal view={view.data} />;
}

function Appeal({ view }: { view: AppealView }) {
  const { row } = view;
  const go = useGo();
  const may = useMay();
  const [open, setOpen] = useState<"more" | "end" | null>(null);
  const runs = row.state === "runs";
  return (
    <>
      <PageHead
        title={<>{componentName(row.component)} <span className="text-ink-2">·</span> {m.appeals_title()}</>}
        actions={
          <>
            <Button icon="back" onPress={() => go("/appeals")}>{m.appeals_back()}</Button>
            {runs && may("ask_donors") && <Button onPress={() => setOpen("end")}>{m.appeals_end()}</Button>}
            {runs && may("ask_donors") && <Button variant="primary" onPress={() => setOpen("more")}>{m.appeals_more()}</Button>}
          </>
        }
      >
        <Status kind={stateKind(row.state)}>{stateWords[row.state]()}</Status>
      </PageHead>
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-visible" tabIndex={0} role="region" aria-label={m.appeals_messages()}>
          {row.channel !== "call_list" && <Bar kind="caution">{m.appeals_no_channel()}</Bar>}
          <SectionHead title={m.appeals_messages()} note={m.appeals_counts({ asked: row.asked, waiting: row.waiting, yes: row.yes, wanted: row.wanted, came: row.came })} />
          {view.messages.length === 0 ? <p className="p-4 text-ink-2">{m.appeals_messages_none()}</p> : <Messages rows={view.messages} label={m.appeals_messages()} />}
        </div>
        <SidePanel label={m.appeals_measured()} width={340}>
          <h2 className="m-0 px-4 py-3 text-lg">{m.appeals_measured()}</h2>
          <dl className="m-0">
            <Fact label={m.appeals_response({ hours: view.responseHours })}><Share figure={view.response} /></Fact>
            <Fact label={m.appeals_turn_out({ days: view.turnOutDays })}><Share figure={view.turnOut} /></Fact>
            <Fact label={m.appeals_groups()}><Groups groups={row.groups} /></Fact>
            <Fact label={m.appeals_channel()}>{channelWords[row.channel]()}</Fact>
            <Fact label={m.appeals_reach()}>{m.appeals_reach_words({ km: view.reach.withinMetres / 1000 })}</Fact>
            <Fact label={m.appeals_started()}><ClinicalTime value={row.startedAt} always="date-time" /> · <bdi>{row.startedBy}</bdi></Fact>
            <Fact label={m.appeals_over_at()}><ClinicalTime value={row.voidAt} always="date-time" /></Fact>
            <Fact label={m.appeals_reason()}><bdi>{row.reason}</bdi></Fact>
          </dl>
          {row.request && may("see_patients") && <div className="px-4 py-3"><AppLink to={`/requests/${row.request}`} className="hs-btn">{m.appeals_due_request()}</AppLink></div>}
        </SidePanel>
      </div>
      {open === "more" && <MoreDialog view={view} onClose={() => setOpen(null)} />}
      {open === "end" && <EndDialog id={row.id} onClose={() => setOpen(null)} />}
    </>
  );
}

/** A share with what it is of; without anything to share, the words for that. */
function Share({ figure }: { figure: Figure }) {
  const lines = figureLines(figure, (numerator, denominator) => m.appeals_of({ numerator, denominator }), (low, high) => m.appeals_interval({ low, high }));
  if (lines.share === null) return <span className="text-ink-2">{m.appeals_none_reached()}</span>;
  return <span className="grid"><b className="text-xl">{lines.share}</b><span>{lines.of}</span>{lines.interval && <span className="hs-meta">{lines.interval}</span>}</span>;
}

function MoreDialog({ view, onClose }: { view: AppealView; onClose(): void }) {
  const list = useCommand("appeal.list", {});
  const known = (list.data?.areas ?? []).map((a) => ({ ...a, metres: view.reach.areas.find((one) => one.area === a.area)?.metres ?? a.metres }));
  const [changed, setChanged] = useState<AreaRow[] | null>(null);
  const [km, setKm] = useState<number | null>(view.reach.withinMetres / 1000);
  const send = useSend("appeal.more", { onDone: onClose });
  const areas = changed ?? known;
  // The appeal stands on this page: what is not found is somebody further to ask.
  const none = send.error?.code === "not_found" ? <div role="alert" className="grid justify-items-start gap-1"><Status kind="caution">{m.appeals_more_none()}</Status><p className="text-ink-2">{m.appeals_more_none_text()}</p></div> : null;
  return (
    <Ask title={m.appeals_more()} act={m.appeals_start_plain()} pending={send.isPending} error={none ?? refusal(send.error)} onClose={onClose} onSubmit={() => { if (km !== null) send.mutate({ appeal: view.row.id, reach: reachOf(km, areas, view.reach.unknownToo) }); }}>
      <p className="text-ink-2">{m.appeals_more_text()}</p>
      <NumberField label={m.appeals_within()} unit="km" min={1} max={500} value={km} onChange={setKm} />
      <Areas areas={areas} onChange={setChanged} />
    </Ask>
  );
}

function EndDialog({ id, onClose }: { id: string; onClose(): void }) {
  const [why, setWhy] = useState<"enough" | "no_need" | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("appeal.end", { onDone: onClose });
  return (
    <Ask title={m.appeals_end_title()} act={m.appeals_end()} danger keep={m.appeals_end_keep()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (why) send.mutate({ appeal: id, enough: why === "enough" }); }}>
      <p>{m.appeals_end_text()}</p>
      <RadioGroup stacked label={m.appeals_end_why()} options={[{ id: "enough", label: m.appeals_end_enough() }, { id: "no_need", label: m.appeals_end_no_need() }]} value={why} onChange={setWhy} error={tried && !why ? m.appeals_end_need() : undefined} />
    </Ask>
  );
}
