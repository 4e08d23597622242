import { useId, useState } from "react";
import { useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { comma, conditionWord } from "../../clinical";
import { Button, Empty, Failed, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { GraphicsView, PackTask, PackView } from "../../wire";
import { Waiting } from "../imaging/Fit";
import { networkWord, taskWord } from "../imaging/words";
import { Conditions } from "./Conditions";
import { Keys, originWord, useImport, Versions } from "./Packs";
import { Facts, Refused } from "./parts";
import { accountSentence } from "./refusals";
import { SettingsFrame } from "./SettingsFrame";

/** Which models may speak on this computer, what they are for, and the whole card of each. */
export function ModelsPage() {
  const packs = useCommand("model.list", {});
  const bring = useImport();
  const [said, setSaid] = useState("");
  return (
    <SettingsFrame at="models">
      <SectionHead title={m.account_models_title()} note={packs.data && m.account_models_count({ count: packs.data.packs.length })} actions={bring.button} />
      {bring.state}
      <div role="status" className="px-4 empty:hidden">{said && <p className="py-2"><Status kind="good" wrap>{said}</Status></p>}</div>
      {packs.isPending && <div className="p-4"><Loading label={m.account_loading()} lines={5} /></div>}
      {packs.error && <div className="p-4"><Failed title={m.account_models_failed()} action={<Button onPress={() => void packs.refetch()}>{m.account_try_again()}</Button>}>{accountSentence(packs.error).what}</Failed></div>}
      {packs.data?.graphics && <GraphicsLine card={packs.data.graphics} />}
      {packs.data?.fits && packs.data.fits.length > 0 && (
        <section aria-label={m.account_packs_fits()} className="grid gap-2 border-b border-line p-4">
          <h3 className="m-0 text-lg">{m.account_packs_fits()}</h3>
          <p className="max-w-[72ch] text-ink-2">{m.account_packs_fits_text()}</p>
          {packs.data.fits.map((fit) => <Waiting key={fit.pack.sha256} fit={fit} />)}
        </section>
      )}
      {packs.data?.packs.length === 0 && <div className="p-4"><Empty title={m.account_models_none()}>{m.account_models_none_text()}</Empty></div>}
      {packs.data?.packs.map((pack) => <Pack key={pack.id} pack={pack} onSaid={setSaid} />)}
      {packs.data && packs.data.keys.length > 0 && <Keys keys={packs.data.keys} />}
      {packs.data && <Conditions />}
    </SettingsFrame>
  );
}

/** Who computes: the graphics card, or the processor and why. */
function GraphicsLine({ card }: { card: GraphicsView }) {
  const words = {
    none: () => m.account_graphics_none(),
    software: () => m.account_graphics_software({ name: card.name }),
    card: () => (card.networks > 0 ? m.account_graphics_card({ name: card.name, count: card.networks }) : m.account_graphics_slower({ name: card.name })),
    lost: () => m.account_graphics_lost({ name: card.name }),
  }[card.state];
  return (
    <p className="m-0 border-b border-line px-4 py-2 text-sm text-ink-2">
      {card.state === "lost" ? <Status kind="caution" wrap>{words()}</Status> : words()}
      {card.detail && <>{" "}<bdi className="text-ink-3">{card.detail}</bdi></>}
    </p>
  );
}

function Pack({ pack, onSaid }: { pack: PackView; onSaid(words: string): void }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const now = pack.versions.find((v) => v.current);
  return (
    <section aria-labelledby={`${id}t`} className="grid gap-3 border-b border-line p-4">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h3 id={`${id}t`} className="m-0 text-lg"><span className="hs-mono">{pack.id}</span></h3>
        {pack.problem ? <Status kind="caution" wrap>{m.account_models_refused()}</Status> : pack.enabled ? <Status kind="good">{m.account_models_ready()}</Status> : <Status kind="inactive">{m.account_models_off()}</Status>}
      </div>
      {!pack.problem && asks(pack) && <Terms pack={pack} />}
      {pack.problem && <p>{accountSentence(pack.problem).what} <span className="hs-mono hs-meta">{pack.problem.code.toUpperCase()}</span></p>}
      <Facts items={[
        ...pack.tasks.map((t) => ({ label: taskWord(t.task), value: <TaskLine task={t} /> })),
        { label: m.account_models_version(), value: <><span className="hs-mono">{pack.version}</span>{now && <> · {originWord(now)}</>}</> },
        { label: m.account_models_network(), value: networkWord(pack.network) },
        { label: m.account_models_licence(), value: <>{licences[pack.licenceClass]()} · <bdi>{pack.licence}</bdi></> },
        { label: m.account_models_hash(), value: <span className="font-mono [direction:ltr] [overflow-wrap:anywhere]">{pack.sha256}</span> },
      ]} />
      {pack.versions.some((v) => v.origin !== "built_in") && <Versions pack={pack} onSaid={onSaid} />}
      {pack.card && (
        <div className="grid justify-items-start gap-2">
          <Button size="sm" icon={open ? "up" : "down"} aria-expanded={open} aria-controls={`${id}c`} onPress={() => setOpen(!open)}>{m.account_models_card()}{" "}<span className="hs-vh">{pack.id}</span></Button>
          <div id={`${id}c`} hidden={!open} className="max-w-[80ch]">{open && <Card text={pack.card} />}</div>
        </div>
      )}
    </section>
  );
}

const licences = { open: m.image_licence_open, research_only: m.image_licence_research_only, non_commercial: m.image_licence_non_commercial };

function TaskLine({ task: t }: { task: PackTask }) {
  return (
    <span className="grid gap-0.5">
      <bdi>{t.intendedUse}</bdi>
      <span className="text-ink-3">{t.labels.map((l) => conditionWord(l)).join(comma())}</span>
      <span className="text-sm text-ink-3">{!t.established ? <Status kind="caution">{m.image_standing_not_established()}</Status> : t.auroc !== null && <>AUROC <bdi>{t.auroc.toFixed(3)}</bdi></>}</span>
    </span>
  );
}

/** A pack that answers only after a yes. An id of the program's own stays the program's, whichever version answers. */
const asks = (pack: PackView) => pack.licenceClass !== "open" || !pack.versions.some((v) => v.origin === "built_in");

const terms = (pack: PackView) => {
  if (pack.licenceClass === "non_commercial") return m.account_models_terms_non_commercial();
  if (pack.licenceClass === "research_only") return m.account_models_terms_research();
  return pack.origin === "made_here" ? m.account_packs_terms_made_here() : m.account_packs_terms_imported();
};

/** The facility says yes before the pack may answer, and may take it back. */
function Terms({ pack }: { pack: PackView }) {
  const may = useMay();
  const send = useSend("model.enable");
  return (
    <div className="grid justify-items-start gap-2 border border-line bg-sunken px-3 py-2">
      <p>{terms(pack)}</p>
      <Button size="sm" pending={send.isPending} notNow={may("manage_facility") ? undefined : m.account_models_terms_who()} onPress={() => send.mutate({ id: pack.id, enabled: !pack.enabled })}>
        {pack.enabled ? m.account_models_disable() : m.account_models_enable()} <span className="hs-vh">{pack.id}</span>
      </Button>
      {send.error && <Refused error={send.error} />}
    </div>
  );
}

/** The little Markdown a card uses: headings, lists, tables as they stand, paragraphs. Never HTML from a pack. */
export function Card({ text }: { text: string }) {
  const blocks = text.replaceAll("\r\n", "\n").split(/\n{2,}/).map((b) => b.trim()).filter(Boolean);
  return (
    <div className="grid gap-3" dir="auto">
      {blocks.map((block, i) => {
        const heading = /^(#{1,6})\s+(.*)$/.exec(block.split("\n")[0] ?? "");
        if (heading) {
          const rest = block.split("\n").slice(1).join("\n");
          return <div key={i} className="grid gap-1"><h4 className="m-0 text-lg font-strong">{heading[2]}</h4>{rest && <Block text={rest} />}</div>;
        }
        return <Block key={i} text={block} />;
      })}
    </div>
  );
}

function Block({ text }: { text: string }) {
  const lines = text.split("\n");
  if (lines.every((l) => /^\s*[-*]\s+/.test(l))) return <ul className="m-0 grid list-disc gap-1 ps-5">{lines.map((l, i) => <li key={i}>{plain(l.replace(/^\s*[-*]\s+/, ""))}</li>)}</ul>;
  // A region that scrolls sideways must be reachable by keyboard.
  if (lines.some((l) => l.trim().startsWith("|") || l.startsWith("```"))) return <pre tabIndex={0} className="m-0 overflow-auto border border-line bg-sunken p-2 font-mono text-sm [direction:ltr]">{text.replace(/^```\w*\n?|```$/gm, "")}</pre>;
  return <p className="whitespace-pre-line [overflow-wrap:anywhere]">{plain(text)}</p>;
}

const plain = (text: string) => text.replace(/\*\*(.+?)\*\*/g, "$1").replace(/`(.+?)`/g, "$1");
