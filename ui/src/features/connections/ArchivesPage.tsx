import { type FormEvent, useState } from "react";
import { AppLink, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalDate, NotKnown } from "../../clinical";
import { Button, DataGrid, DateField, Empty, Failed, Loading, PageHead, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ArchiveFound, ArchiveRow, FetchView } from "../../wire";
import { FetchBar, standing, underWay, useFetches } from "./Fetches";
import { why } from "./words";

const studyPath = (id: string) => `/images/${encodeURIComponent(id)}`;
const kinds = ["CR", "CT", "DX", "MG", "MR", "NM", "OP", "PT", "RF", "US", "XA", "XC"];
const nothing = { patientName: "", patientId: "", accession: "", modality: "", from: null as string | null, to: null as string | null };

/** Looks for studies in an archive and fetches them into the worklist. */
export function ArchivesPage() {
  const archives = useCommand("archive.list", {});
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState(nothing);
  const [tried, setTried] = useState(false);
  const search = useSend("archive.search");
  const archive = archives.data?.find((a) => a.id === chosen) ?? archives.data?.[0];
  const set = (change: Partial<typeof nothing>) => setAsked({ ...asked, ...change });
  const empty = Object.values(asked).every((v) => !v?.trim());
  // The program knows more ways of asking for everything, such as a star alone.
  const open = search.error?.args.why === "no_criterion";

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (empty) search.reset();
    else if (archive) search.mutate({ archive: archive.id, ...asked });
  }
  return (
    <>
      <PageHead title={m.connect_search_title()} />
      <FetchBar />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.connect_search_title()}>
        {archives.isPending && <div className="p-4"><Loading label={m.connect_loading()} /></div>}
        {archives.error && <div className="p-4"><Failed title={m.connect_failed()}>{why(archives.error)}</Failed></div>}
        {archives.data?.length === 0 && <div className="p-4"><Empty plain title={m.connect_search_none_set()}>{m.connect_search_none_set_text()}</Empty></div>}
        {archive && (
          <form onSubmit={submit} noValidate className="grid items-start gap-3 p-4 sm:grid-cols-2 lg:grid-cols-4">
            <Select label={m.connect_search_archive()} options={archives.data?.map((a) => ({ id: a.id, label: a.name })) ?? []} value={archive.id} onChange={(id) => { setChosen(id); search.reset(); }} />
            <TextField autoFocus label={m.connect_search_name()} hint={m.connect_search_name_hint()} value={asked.patientName} onChange={(patientName) => set({ patientName })} autoComplete="off" />
            <TextField mono label={m.connect_search_number()} value={asked.patientId} onChange={(patientId) => set({ patientId })} autoComplete="off" />
            <TextField mono label={m.connect_search_accession()} value={asked.accession} onChange={(accession) => set({ accession })} autoComplete="off" />
            <Select label={m.connect_search_modality()} options={[{ id: "any", label: m.connect_search_any() }, ...kinds.map((id) => ({ id, label: id }))]} value={asked.modality || "any"} onChange={(id) => set({ modality: id === "any" ? "" : id })} />
            <DateField label={m.connect_search_from()} value={asked.from} onChange={(from) => set({ from })} />
            <DateField label={m.connect_search_to()} value={asked.to} onChange={(to) => set({ to })} />
            <div className="grid gap-1 self-end">
              {((tried && empty) || open) && <p role="alert" className="hs-error">{m.connect_search_need()}</p>}
              <div><Button type="submit" variant="primary" icon="search" pending={search.isPending}>{m.connect_search_button()}</Button></div>
            </div>
          </form>
        )}
        <div role="status" className="px-4">{search.isPending && archive && <Loading label={m.connect_search_searching({ name: archive.name })} lines={3} />}</div>
        {search.error && !open && <div className="p-4"><Failed title={m.connect_search_failed()}>{why(search.error)}</Failed></div>}
        {archive && search.data && <Results key={search.submittedAt} archive={search.variables?.archive ?? archive.id} found={search.data} />}
      </div>
    </>
  );
}

function Results({ archive, found }: { archive: string; found: ArchiveFound }) {
  const may = useMay();
  const fetches = useFetches();
  const fetch = useSend("archive.fetch");
  if (found.rows.length === 0) return <div className="p-4"><Empty title={m.connect_search_nothing()}>{m.connect_search_nothing_text()}</Empty></div>;
  return (
    <section>
      <SectionHead title={m.connect_search_results()} note={m.connect_search_count({ count: found.rows.length })} />
      <div role="status" className="grid gap-1 px-4 py-2 empty:hidden">
        {found.more && <Status kind="notice" wrap>{m.connect_search_more()}</Status>}
        {found.unusable > 0 && <Status kind="caution" wrap>{m.connect_search_unusable({ count: found.unusable })}</Status>}
        {fetch.error && <Status kind="caution" wrap><span>{m.connect_fetch_failed()}. {why(fetch.error)}</span></Status>}
      </div>
      <DataGrid
        label={m.connect_search_results()}
        rows={found.rows}
        rowKey={(row) => row.studyUid}
        rowText={(row) => row.patientName ?? row.studyUid}
        density="double"
        columns={[
          { id: "who", title: m.connect_column_patient(), isRowHeader: true, cell: (row) => <><b>{row.patientName ? <bdi>{row.patientName}</bdi> : <NotKnown />}</b>{row.patientId && <span className="block"><span className="hs-mono hs-meta">{row.patientId}</span></span>}</> },
          { id: "taken", title: m.connect_column_taken(), cell: (row) => (row.takenOn ? <ClinicalDate value={row.takenOn} /> : <NotKnown />) },
          { id: "what", title: m.connect_column_what(), cell: (row) => <>{row.modalities.join(", ")}{row.description && <span className="block"><bdi className="hs-meta">{row.description}</bdi></span>}</> },
          { id: "accession", title: m.connect_search_accession(), cell: (row) => <span className="hs-mono">{row.accession}</span> },
          { id: "pictures", title: m.connect_column_pictures(), align: "end", cell: (row) => row.images ?? <NotKnown /> },
          { id: "act", title: m.connect_column_acts(), align: "end", cell: (row) => (
            <Act row={row} fetch={fetches.find((f) => f.archive === archive && f.studyUid === row.studyUid)} pending={fetch.isPending && fetch.variables?.studyUid === row.studyUid} onFetch={() => fetch.mutate({ archive, studyUid: row.studyUid, analyse: may("analyse_images") })} />
          ) },
        ]}
      />
    </section>
  );
}

/** How much of it came is told above the list, where it stays while one searches on. */
function Act({ row, fetch, pending, onFetch }: { row: ArchiveRow; fetch: FetchView | undefined; pending: boolean; onFetch(): void }) {
  const study = fetch?.study ?? row.here;
  const busy = fetch && underWay(fetch) ? standing(fetch) : undefined;
  return (
    <span className="inline-flex flex-wrap items-center justify-end gap-2">
      {busy && <span className="text-ink-2">{busy}</span>}
      {!busy && study && <Status kind="good">{m.connect_here()}</Status>}
      {study && <AppLink to={studyPath(study)}>{m.connect_open()} <span className="hs-vh">{row.patientName}</span></AppLink>}
      <Button size="sm" pending={pending} notNow={busy} onPress={onFetch}>{study ? m.connect_fetch_again() : m.connect_fetch()} <span className="hs-vh">{row.patientName}</span></Button>
    </span>
  );
}
