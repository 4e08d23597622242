import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { ErrorBlock } from "../../app";
import { Button, Loading, Select, Slider, Switch } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisView, FindingView, ImageView } from "../../wire";
import { freshFilm } from "./films";
import { useFrame, useFrames } from "./frames";
import { clearUnder, ColourBar, HeatOverlay, isFaint } from "./Heat";
import { canvasViewport } from "./viewport/canvas";
import * as g from "./viewport/geometry";
import { filmOf, type Viewport } from "./viewport/Viewport";
import { findingWord } from "./words";

/** Findings of a side that have a map, by label. */
const mapped = (side: AnalysisView) => side.findings.filter((f) => f.map && !f.normal);

/** Both maps of one finding on the same picture, with one scale and one opacity: off until somebody asks. */
export function Maps({ image, left, right }: { image: ImageView; left: AnalysisView; right: AnalysisView }) {
  const [on, setOn] = useState(false);
  const [label, setLabel] = useState<string | null>(null);
  const [opacity, setOpacity] = useState(60);
  const all = [...mapped(left), ...mapped(right)].sort((a, b) => b.probability - a.probability);
  const labels = [...new Set(all.map((f) => f.label))];
  const [first] = labels;
  if (first === undefined) return null;
  const chosen = label !== null && labels.includes(label) ? label : first;
  const word = (l: string) => findingWord(all.find((f) => f.label === l) ?? { label: l, condition: l });
  return (
    <section className="grid gap-3 border-t border-line pt-3" aria-label={m.image_compare_maps()}>
      <div className="grid items-end gap-3 sm:grid-cols-[auto_1fr_1fr]">
        <Switch isSelected={on} onChange={setOn}>{m.image_compare_maps()}</Switch>
        {on && <Select label={m.image_compare_maps_of()} value={chosen} onChange={setLabel} options={labels.map((id) => ({ id, label: word(id) }))} />}
        {on && <Slider label={m.image_ai_opacity()} value={opacity} onChange={setOpacity} min={5} max={100} step={5} text={(value) => m.image_ai_percent({ value })} />}
      </div>
      {on && <Films image={image} sides={[left, right]} label={chosen} opacity={opacity / 100} />}
      {on && <p className="text-sm text-ink-3">{m.image_ai_explains()}</p>}
    </section>
  );
}

function Films({ image, sides: [left, right], label, opacity }: { image: ImageView; sides: [AnalysisView, AnalysisView]; label: string; opacity: number }) {
  const load = useFrames();
  const [again, setAgain] = useState(0);
  // The first frame: no pack looks at another.
  const frame = useFrame(load, image.id, 0, 1, again);
  if (frame.state === "failed") return <ErrorBlock error={frame.error} title={m.image_stage_failed({ file: image.fileName })} actions={<Button size="sm" onPress={() => setAgain(again + 1)}>{m.image_try_again()}</Button>} />;
  const film = (side: AnalysisView) => <MapFilm image={image} bytes={frame.state === "ready" ? frame.bytes : null} side={side} finding={side.findings.find((f) => f.label === label) ?? null} opacity={opacity} />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-2">
      {film(left)}
      <ColourBar between />
      {film(right)}
    </div>
  );
}

function MapFilm({ image, bytes, side, finding, opacity }: { image: ImageView; bytes: ArrayBuffer | null; side: AnalysisView; finding: FindingView | null; opacity: number }) {
  const host = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const [size, setSize] = useState<g.Size>({ width: 0, height: 0 });
  const [shown, setShown] = useState(false);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    // Two small pictures that nobody turns or zooms need no graphics card.
    const made = canvasViewport(element);
    setViewport(made);
    const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(measure);
    observer?.observe(element);
    return () => { observer?.disconnect(); made.dispose(); };
  }, []);
  useEffect(() => {
    if (!viewport || !bytes) return;
    let left = false;
    viewport.show({ key: `${image.id}/0`, image, bytes }).then(() => { if (!left) setShown(true); }, () => { if (!left) setShown(false); });
    return () => { left = true; };
  }, [viewport, bytes, image]);
  const matrix = g.matrixOf(g.start, filmOf(image), size);
  useEffect(() => { if (viewport && shown && size.width > 0) viewport.draw(freshFilm(image), matrix, size); });
  const map = finding?.map ?? null;
  return (
    <figure className="m-0 grid gap-1">
      <div dir="ltr" data-map={map ? "drawn" : "none"} role="group" aria-label={m.image_compare_maps_picture({ pack: `${side.pack?.id ?? ""} ${side.pack?.version ?? ""}` })} className="relative isolate aspect-square max-h-[52vh] min-h-0 w-full overflow-hidden bg-canvas">
        <div ref={host} className="absolute inset-0" aria-hidden="true" />
        {!shown && <div className="absolute inset-0 grid place-items-center p-4"><Loading label={m.image_stage_loading()} /></div>}
        {shown && finding && map && <HeatOverlay map={map} matrix={matrix} opacity={opacity} label={findingWord(finding)} />}
        <b className="absolute start-1.5 top-1.5 bg-canvas/75 px-1 text-sm">{m.image_ai_not_report()}</b>
      </div>
      <figcaption className="text-sm">
        <span className="hs-mono">{side.pack?.id} {side.pack?.version}</span>
        <span className="block text-ink-2">{!map ? m.image_compare_maps_none() : isFaint(map) ? m.image_compare_maps_faint({ value: clearUnder }) : ""}</span>
      </figcaption>
    </figure>
  );
}
