import { type ReactNode, useEffect, useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams, useScreenSearch } from "../../app";
import { CommandFailed, useBackend, useCommand } from "../../backend";
import { Bar, Button, Empty, Loading, PageHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisJob } from "../../wire";
import { BatchBar, BatchStart, useBatches, useBatchStart } from "./Batch";
import { FetchBar } from "../connections/Fetches";
import { FromArchive } from "../connections/FromArchive";
import { ImportResults, QueueStrip, useImporting, useQueue } from "./Importing";
import { Viewer } from "./Viewer";
import { WhoIsThis } from "./Who";
import { useReading } from "./useReading";
import { useWorklist } from "./useWorklist";
import { studyPath, Worklist } from "./Worklist";

/** Worklist, film and what the model says, on one screen; `/images/$studyId` chooses. */
export function ReadingRoom() {
  const { studyId } = useScreenParams();
  const selected = studyId ?? null;
  const go = useGo();
  const may = useMay();
  const [search] = useScreenSearch();
  const work = useWorklist(selected);
  const start = useBatchStart();
  const importing = useImporting(start.offer);
  const batches = useBatches();
  const queue = useQueue();
  const beside = useBeside();
  const elsewhere = useReading(selected);

  function next() {
    const id = work.next();
    if (id) go(studyPath(id), search);
  }

  const opener = (small: boolean) => <Button size={small ? "sm" : "md"} variant={small ? "quiet" : "primary"} icon="open" pending={importing.busy > 0} notNow={importing.allowed ? undefined : m.image_not_allowed_import()} onPress={importing.pick}>{m.image_open()}</Button>;

  return (
    <div className="relative flex min-h-0 grow flex-col [@media(max-height:560px)]:flex-none">
      {importing.over && <div className="pointer-events-none absolute inset-2 z-20 grid place-items-center border-2 border-dashed border-accent bg-canvas/60"><b className="text-xl">{m.image_drop_here()}</b></div>}
      {/* While reading, the height belongs to the film: patient, list and tools say where one is. */}
      {selected
        ? <h1 className="hs-vh">{m.image_title()}</h1>
        : <PageHead title={m.image_title()} actions={<>{may("judge_findings") && <Button variant="quiet" icon="document" onPress={() => go("/images/performance")}>{m.image_perf_title()}</Button>}{importing.allowed && <span className="text-sm text-ink-3">{m.image_open_hint()}</span>}{importing.allowed && <FromArchive />}{start.allowed && <Button pending={start.reading} onPress={start.pick}>{m.image_batch_folder()}</Button>}{opener(false)}</>} />}
      <ImportResults importing={importing} jobs={queue.all} />
      <QueueStrip jobs={queue.open} />
      <BatchBar batches={batches} reading={selected !== null} />
      <FetchBar reading={selected !== null} />
      <BatchStart start={start} />
      {beside.alone && <Bar kind="notice" live action={<Button size="sm" onPress={beside.close}>{m.image_beside_close()}</Button>}>{m.image_beside_one()}</Bar>}
      {beside.error && <div className="flex-none border-b border-line"><ErrorBlock error={beside.error} title={m.image_beside_failed()} actions={<Button size="sm" onPress={beside.close}>{m.image_beside_close()}</Button>} /></div>}
      {selected
        ? <Study key={selected} id={selected} jobs={queue.open} work={work} next={next} elsewhere={elsewhere} beside={() => beside.open(selected)} opener={opener(true)} />
        : (
          <div className="flex min-h-0 grow">
            <Worklist work={work} selected={null} next={next} elsewhere={elsewhere} wide />
          </div>
        )}
    </div>
  );
}

/** The study in a window of its own, for a second screen or beside the program. */
function useBeside() {
  const backend = useBackend();
  const [error, setError] = useState<CommandFailed | null>(null);
  /** There was no other screen to put it on. */
  const [alone, setAlone] = useState(false);
  return {
    error,
    alone,
    close: () => { setError(null); setAlone(false); },
    open: (study: string) => {
      setError(null);
      setAlone(false);
      backend.openViewer(study).then((other) => setAlone(other === false), (cause: unknown) => setError(CommandFailed.from(cause)));
    },
  };
}

/** One study and nothing beside it: what a second window shows. */
export function ViewerWindow() {
  const { studyId = "" } = useScreenParams();
  const queue = useQueue();
  useReading(studyId || null, "beside");
  return <><h1 className="hs-vh">{m.image_title()}</h1><Study key={studyId} id={studyId} jobs={queue.open} /></>;
}

function Study({ id, jobs, work, next, elsewhere, beside, opener }: { id: string; jobs: AnalysisJob[]; work?: ReturnType<typeof useWorklist>; next?(): void; elsewhere?: ReadonlySet<string>; beside?(): void; opener?: ReactNode }) {
  const study = useCommand("study.view", { id });
  // The last word about an analysis may come between two answers; the panel must not stay at "running" for ever.
  const waiting = study.data?.analyses.some((a) => a.state === "queued" || a.state === "running") ?? false;
  const { refetch } = study;
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => void refetch(), 1000);
    return () => clearInterval(timer);
  }, [waiting, refetch]);
  const [chosen, setChosen] = useState<string | null>(null);
  const images = study.data?.images ?? [];
  const image = images.find((i) => i.id === chosen) ?? images[0] ?? null;
  return (
    <>
      {study.data?.row.conflict && <Bar kind="critical">{m.connect_conflict_text()} <AppLink to={studyPath(study.data.row.conflict)}>{m.connect_conflict_other()}</AppLink></Bar>}
      {study.data && <WhoIsThis study={study.data.row} image={image} />}
      {/* At 200 % text the sheet scrolls; the film keeps a height one can read by. */}
      <div className="flex min-h-0 grow [@media(max-height:560px)]:h-[480px] [@media(max-height:560px)]:flex-none">
        {/* At 200 % text there is no room beside the film; the viewer then has the way back and the next one. */}
        {work && next && elsewhere && <div className="contents max-[899px]:hidden"><Worklist work={work} selected={id} next={next} elsewhere={elsewhere} opener={opener} /></div>}
        {study.isPending && <div className="grid min-w-0 grow content-center bg-canvas p-6"><Loading label={m.image_study_loading()} lines={4} /></div>}
        {study.error && <div className="min-w-0 grow"><ErrorBlock error={study.error} title={m.image_study_failed()} actions={<Button onPress={() => void study.refetch()}>{m.image_try_again()}</Button>} /></div>}
        {study.data && !image && <div className="grid min-w-0 grow content-center bg-canvas p-6"><Empty plain title={m.image_no_pictures()}>{m.image_no_pictures_text()}</Empty></div>}
        {study.data && image && <Viewer study={study.data} onImage={setChosen} jobs={jobs} next={next} more={work?.next() != null} beside={beside} />}
      </div>
    </>
  );
}
