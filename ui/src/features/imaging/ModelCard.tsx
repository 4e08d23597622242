import type { ReactNode } from "react";
import { ErrorBlock, errorWords } from "../../app";
import { type CommandFailed, useCommand } from "../../backend";
import { conditionWord } from "../../clinical";
import { Button, Dialog, Empty, Loading, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { PackRef, PackView } from "../../wire";
import { networkWord, taskWord } from "./words";

/** The card of the pack that spoke; without one, of every pack there is. */
export function ModelCard({ pack, onClose }: { pack: PackRef | null; onClose(): void }) {
  const list = useCommand("model.list", {});
  const packs = list.data?.packs ?? [];
  const own = pack ? packs.filter((p) => p.id === pack.id && p.version === pack.version) : packs;
  return (
    <Dialog isOpen onClose={onClose} size="lg" title={pack ? `${m.image_card_title()}: ${pack.id} ${pack.version}` : m.image_card_title()} footer={<Button autoFocus onPress={onClose}>{m.image_card_close()}</Button>}>
      {list.isPending && <Loading label={m.image_card_loading()} lines={5} />}
      {list.error && <ErrorBlock error={list.error} title={m.image_card_failed()} />}
      {list.data && packs.length === 0 && <Empty title={m.image_card_none()}>{m.image_card_none_text()}</Empty>}
      {list.data && packs.length > 0 && pack && own.length === 0 && <p>{m.image_card_missing({ id: pack.id, version: pack.version })}</p>}
      <div className="grid gap-6">{own.map((p) => <Pack key={`${p.id} ${p.version}`} pack={p} />)}</div>
    </Dialog>
  );
}

function Pack({ pack: p }: { pack: PackView }) {
  const facts: [string, ReactNode][] = [
    ...p.tasks.flatMap((t): [string, ReactNode][] => [[taskWord(t.task), <><bdi>{t.intendedUse}</bdi> {!t.established && <Status kind="caution">{m.image_standing_not_established()}</Status>} <span className="text-ink-3">{t.labels.map((l) => conditionWord(l)).join(", ")}</span></>]]),
    [m.image_card_network(), networkWord(p.network)],
    [m.image_card_version(), <span className="hs-mono">{p.id} {p.version}</span>],
    [m.image_card_licence(), p.licence],
    [m.image_card_hash(), <span className="font-mono [overflow-wrap:anywhere]" dir="ltr">{p.sha256}</span>],
  ];
  return (
    <div className="grid gap-3">
      {p.problem && <div><Status kind="caution" wrap>{m.image_card_problem()}</Status> <span>{errorWords(p.problem as CommandFailed).title}</span></div>}
      <dl className="m-0 grid grid-cols-[minmax(96px,max-content)_1fr] gap-x-4 gap-y-1">
        {facts.map(([term, value]) => <div key={term} className="contents"><dt className="text-ink-3">{term}</dt><dd className="m-0">{value}</dd></div>)}
      </dl>
      <div tabIndex={0} role="region" aria-label={`${m.image_card_title()} ${p.id}`} className="max-h-[50vh] overflow-auto border-t border-line pt-3"><Markdown text={p.card} /></div>
    </div>
  );
}

/** The little Markdown of a card. Everything becomes text of ours: a pack never brings markup into the page. */
export function Markdown({ text }: { text: string }) {
  const blocks: ReactNode[] = [];
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const take = (test: (line: string) => boolean, i: number) => {
    let end = i;
    while (end < lines.length && test(lines[end] ?? "")) end++;
    return lines.slice(i, end);
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? "";
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (line.trim() === "") i++;
    else if (heading) { blocks.push(<h3 key={i} className="m-0 text-lg">{inline(heading[1] ?? "")}</h3>); i++; }
    else if (/^\s*\|/.test(line)) {
      const rows = take((l) => /^\s*\|/.test(l), i);
      blocks.push(<Rows key={i} rows={rows} />);
      i += rows.length;
    } else if (/^\s*[-*]\s/.test(line)) {
      const items = take((l) => l.trim() !== "" && !/^(#|\s*\|)/.test(l), i);
      const joined = items.reduce<string[]>((all, l) => (/^\s*[-*]\s/.test(l) ? [...all, l.replace(/^\s*[-*]\s+/, "")] : [...all.slice(0, -1), `${all.at(-1) ?? ""} ${l.trim()}`]), []);
      blocks.push(<ul key={i} className="m-0 grid list-disc gap-1 ps-5">{joined.map((t, j) => <li key={j}>{inline(t)}</li>)}</ul>);
      i += items.length;
    } else {
      const words = take((l) => l.trim() !== "" && !/^(#|\s*\||\s*[-*]\s)/.test(l), i);
      blocks.push(<p key={i}>{inline(words.join(" "))}</p>);
      i += Math.max(1, words.length);
    }
  }
  return <div className="grid max-w-[80ch] gap-3" dir="auto">{blocks}</div>;
}

function inline(text: string): ReactNode {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, i) =>
    part.startsWith("**") && part.endsWith("**") && part.length > 4 ? <b key={i}>{part.slice(2, -2)}</b>
    : part.startsWith("`") && part.endsWith("`") && part.length > 2 ? <code key={i} className="font-mono">{part.slice(1, -1)}</code>
    : part);
}

function Rows({ rows }: { rows: string[] }) {
  const cells = (row: string) => row.trim().replace(/^\||\|$/g, "").split("|").map((c) => c.trim());
  const [head, ...body] = rows.filter((r) => !/^\s*\|[\s:|-]+\|?\s*$/.test(r)).map(cells);
  return (
    <table className="border-collapse text-start">
      {head && <thead><tr>{head.map((c, i) => (c.trim() ? <th key={i} scope="col" className="border-b border-line-2 px-2 py-1 text-start text-sm font-regular text-ink-3">{inline(c)}</th> : <td key={i} className="border-b border-line-2" />))}</tr></thead>}
      <tbody>{body.map((row, i) => <tr key={i}>{row.map((c, j) => <td key={j} className="border-b border-line px-2 py-1">{inline(c)}</td>)}</tr>)}</tbody>
    </table>
  );
}
